package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Consumer;
import dev.holdfast.Exchange;
import dev.holdfast.Message;
import dev.holdfast.MessageProperties;
import dev.holdfast.MessageStateException;
import dev.holdfast.Queue;
import dev.holdfast.SerializationException;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Received;
import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.Serializer;
import dev.holdfast.serialization.SerializerRegistry;
import dev.holdfast.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a consumer says to the broker, and what it makes of what comes. */
class ConsumerTest extends ScriptedTest {
    private static final long SECONDS = 10;
    private static final MessageProperties JSON =
            MessageProperties.EMPTY.contentType("application/json").contentEncoding("utf-8");
    private static final Queue VIDEO = Queue.of("video", Exchange.direct("media"), "v");
    private static final Queue AUDIO = Queue.of("audio");

    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    /** Of the consumer that was started last. */
    private int lastChannel;

    private String tag = "";

    @Test
    void declaresThenLimitsThenConsumesUnderTagsOfItsOwn() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(
                            client, o -> o.prefetch(7).consumerTag("mine").exclusive(true), VIDEO, AUDIO)
                    .onMessage(messages::add);
            CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);

            assertThat(link.expect(ExchangeMethods.Declare.class)
                            .reply(ExchangeMethods.DeclareOk.INSTANCE)
                            .method()
                            .exchange())
                    .isEqualTo("media");
            declareQueue(link, "video");
            link.expect(QueueMethods.Bind.class).reply(QueueMethods.BindOk.INSTANCE);
            declareQueue(link, "audio");
            BasicMethods.Consume first = started(link, 7);
            BasicMethods.Consume second = started(link, 7);

            consuming.get(SECONDS, TimeUnit.SECONDS);
            assertThat(List.of(first.queue(), second.queue())).containsExactly("video", "audio");
            assertThat(List.of(first.consumerTag(), second.consumerTag())).containsExactly("mine1", "mine2");
            assertThat(first.exclusive()).isTrue();
            assertThat(consumer.consumingFrom("video")).isTrue();

            CompletableFuture<Void> cancelling = CompletableFuture.runAsync(() -> consumer.cancelByQueue("video"));
            Received<BasicMethods.Cancel> cancel = link.expect(BasicMethods.Cancel.class);
            cancel.reply(new BasicMethods.CancelOk(cancel.method().consumerTag()));
            cancelling.get(SECONDS, TimeUnit.SECONDS);
            assertThat(cancel.method().consumerTag()).isEqualTo("mine1");
            assertThat(consumer.consumingFrom("video")).isFalse();
            assertThat(consumer.consumingFrom("audio")).isTrue();
        }
    }

    @Test
    void startsOnlyWhatIsNotStartedAndDeclaresNothingWhenToldSo() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);
            started(link, 250);
            consuming.get(SECONDS, TimeUnit.SECONDS);

            consumer.addQueue(VIDEO).qos(3);
            consuming = CompletableFuture.supplyAsync(consumer::consume);
            assertThat(started(link, 3).queue()).isEqualTo("video");
            consuming.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void declaresWhenAskedTo() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), VIDEO);
            CompletableFuture<Consumer> declaring = CompletableFuture.supplyAsync(consumer::declare);
            link.expect(ExchangeMethods.Declare.class).reply(ExchangeMethods.DeclareOk.INSTANCE);
            declareQueue(link, "video");
            link.expect(QueueMethods.Bind.class).reply(QueueMethods.BindOk.INSTANCE);
            assertThat(declaring.get(SECONDS, TimeUnit.SECONDS)).isSameAs(consumer);
            assertThat(consumer.consumingFrom("video")).isFalse();
        }
    }

    @Test
    void purgesItsQueuesAndAsksForWhatIsUnacknowledged() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), VIDEO, AUDIO);
            CompletableFuture<Long> purging = CompletableFuture.supplyAsync(consumer::purge);
            for (String queue : List.of("video", "audio")) {
                Received<QueueMethods.Purge> purge = link.expect(QueueMethods.Purge.class);
                assertThat(purge.method().queue()).isEqualTo(queue);
                purge.reply(new QueueMethods.PurgeOk(2));
            }
            assertThat(purging.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(4);

            CompletableFuture<Void> recovering = CompletableFuture.runAsync(() -> consumer.recover(true));
            Received<BasicMethods.Recover> recover = link.expect(BasicMethods.Recover.class);
            assertThat(recover.method().requeue()).isTrue();
            recover.reply(BasicMethods.RecoverOk.INSTANCE);
            recovering.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void consumesAsEachQueueSaysUnlessItsOwnOptionsSayIt() throws Exception {
        Queue audio = AUDIO.noAck(true).consumerArguments(Map.of("x-priority", 1, "x", "y"));
        try (Client client = broker.connect(broker.options())) {
            BasicMethods.Consume plain = consumed(client, o -> o, VIDEO);
            assertThat(plain.noAck()).isFalse();
            assertThat(plain.arguments()).isEmpty();

            BasicMethods.Consume ofQueue = consumed(client, o -> o, audio);
            assertThat(ofQueue.noAck()).isTrue();
            assertThat(ofQueue.arguments()).isEqualTo(Map.of("x-priority", 1, "x", "y"));
            deliver(client.link(), lastChannel, 1, JSON, "1");
            next().ack();
            client.link().expectSilence(50);

            BasicMethods.Consume own = consumed(client, o -> o.noAck(false).priority(2), audio);
            assertThat(own.noAck()).isFalse();
            assertThat(own.arguments()).isEqualTo(Map.of("x-priority", 2, "x", "y"));
        }
    }

    private BasicMethods.Consume consumed(Client client, UnaryOperator<ConsumeOptions> options, Queue queue)
            throws Exception {
        Consumer consumer =
                open(client, o -> options.apply(o.autoDeclare(false)), queue).onMessage(messages::add);
        CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);
        BasicMethods.Consume consume = started(client.link(), 250);
        tag = consume.consumerTag();
        consuming.get(SECONDS, TimeUnit.SECONDS);
        return consume;
    }

    @Test
    void neitherKeepsNorChangesTheListOfQueues() throws Exception {
        List<Queue> queues = new ArrayList<>(List.of(AUDIO));
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            Consumer consumer = new Consumer(channel, queues, o -> o.autoDeclare(false)).onMessage(messages::add);
            consumer.addQueue(VIDEO);
            assertThat(queues).containsExactly(AUDIO);
            consumer.cancelByQueue("video");
            queues.clear();
            CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);
            assertThat(started(client.link(), 250).queue()).isEqualTo("audio");
            consuming.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void refusesAnUnknownNameOfAcceptBeforeItOpensAChannel() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            assertThatThrownBy(() ->
                            client.connection().consumer(List.of(AUDIO), o -> o.accept(Accept.only("yaml", "jsn"))))
                    .isInstanceOf(SerializerNotInstalledException.class)
                    .hasMessageStartingWith("serializer: jsn (expected: one of [json, ");
            client.link().expectSilence(50);
            Channel channel = client.channel();
            assertThatThrownBy(() -> new Consumer(channel, List.of(AUDIO), o -> o.accept(Accept.only("jsn"))))
                    .isInstanceOf(SerializerNotInstalledException.class);
        }
    }

    /** Nobody else has them: the broker counts a delivery without acknowledgement as done. */
    @Test
    void whatWasReadBeforeTheCloseStillReachesItsHandler() throws Exception {
        int deliveries = 300; // several turns of the executor
        CountDownLatch closed = new CountDownLatch(1);
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false).noAck(true), AUDIO)
                    .onMessage(message -> {
                        closed.await();
                        messages.add(message);
                    });
            CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);
            tag = started(link, 250).consumerTag();
            consuming.get(SECONDS, TimeUnit.SECONDS);
            for (int i = 1; i <= deliveries; i++) {
                deliver(link, lastChannel, i, JSON, "1");
            }
            CompletableFuture<Long> purging = CompletableFuture.supplyAsync(consumer::purge);
            link.expect(QueueMethods.Purge.class).reply(new QueueMethods.PurgeOk(0));
            purging.get(SECONDS, TimeUnit.SECONDS); // its answer stands behind them

            CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(SECONDS));
            link.expect(ConnectionMethods.Close.class).reply(ConnectionMethods.CloseOk.INSTANCE);
            closing.get(SECONDS, TimeUnit.SECONDS);
            closed.countDown();
            Await.until("all are handled", () -> messages.size() == deliveries);
        }
    }

    @Test
    void whatTheBrokerEndsIsToldAndCanBeStartedAgain() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            BlockingQueue<String> ended = new LinkedBlockingQueue<>();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .onMessage(messages::add)
                    .onCancel(ended::add);
            CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);
            BasicMethods.Consume first = started(link, 250);
            consuming.get(SECONDS, TimeUnit.SECONDS);
            int channel = lastChannel;

            link.send(channel, new BasicMethods.Cancel(first.consumerTag(), true));
            assertThat(ended.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("audio");
            assertThat(consumer.consumingFrom("audio")).isFalse();
            consuming = CompletableFuture.supplyAsync(consumer::consume);
            assertThat(started(link, 250).consumerTag()).isNotEqualTo(first.consumerTag());
            consuming.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void aTagThatIsTakenIsRefusedHere() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            UnaryOperator<ConsumeOptions> same = o -> o.consumerTag("t").autoDeclare(false);
            Consumer one = new Consumer(channel, List.of(AUDIO), same).onMessage(messages::add);
            Consumer two = new Consumer(channel, List.of(VIDEO), same).onMessage(messages::add);
            CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(one::consume);
            started(link, 250);
            consuming.get(SECONDS, TimeUnit.SECONDS);

            assertThatIllegalArgumentException().isThrownBy(two::consume).withMessageContaining("consumerTag: 't1'");
            assertThat(two.consumingFrom("video")).isFalse();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void needsACallback() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, UnaryOperator.identity(), AUDIO);
            assertThatIllegalStateException().isThrownBy(consumer::consume).withMessageContaining("callback");
        }
    }

    @Test
    void callbacksGetTheDecodedPayloadInTheirOrder() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            List<String> seen = new ArrayList<>();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> seen.add("first " + payload))
                    .callback((payload, message) -> {
                        seen.add("second " + payload);
                        messages.add(message);
                    });
            deliver(client, consumer, JSON, "{\"hello\": \"world\"}");
            assertThat(next().payload()).hasToString("{hello=world}");
            assertThat(seen).containsExactly("first {hello=world}", "second {hello=world}");
        }
    }

    @Test
    void onMessageReplacesTheCallbacksAndDecodesNothing() throws Exception {
        Counting decoding = new Counting();
        try (Client client = broker.connect(
                broker.options().serializers(SerializerRegistry.standard().with("counting", decoding)))) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> {
                        throw new AssertionError("a callback was called");
                    })
                    .onMessage(messages::add);
            deliver(client, consumer, MessageProperties.EMPTY.contentType("application/x-counting"), "x");
            Message message = next();
            assertThat(decoding.times).hasValue(0);
            assertThat(message.body()).containsExactly('x');

            assertThat(message.payload()).isEqualTo("");
            assertThat(message.payload()).isEqualTo("");
            assertThat(decoding.times).as("decoded, although empty").hasValue(1);
        }
    }

    @Test
    void whatACallbackThrowsHidesTheMessageFromTheNextAndEndsNothing() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> {
                        if ("bad".equals(payload)) {
                            throw new IOException("of the callback's own");
                        }
                    })
                    .callback((payload, message) -> messages.add(message));
            int channel = deliver(client, consumer, JSON, "\"bad\"");
            deliver(client.link(), channel, 2, JSON, "\"good\"");
            assertThat(next().payload()).isEqualTo("good");
            client.link().expectSilence(50);
        }
    }

    @Test
    void leavesWhatCannotBeDecodedUnacknowledgedAndGoesOn() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> messages.add(message));
            int channel = deliver(client, consumer, JSON, "{");
            deliver(client.link(), channel, 2, JSON, "\"good\"");
            Message good = next();
            assertThat(good.payload()).isEqualTo("good");
            good.ack();
            assertThat(client.link().expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(2, false));
        }
    }

    @Test
    void onDecodeErrorDecidesInstead() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> {
                        throw new AssertionError("a callback was called");
                    })
                    .onDecodeError((message, error) -> {
                        assertThat(error).isInstanceOf(SerializationException.class);
                        message.ack();
                    });
            deliver(client, consumer, JSON, "{");
            assertThat(client.link().expect(BasicMethods.Ack.class).method().deliveryTag())
                    .isEqualTo(1);
        }
    }

    @Test
    void aMessageIsSettledOnceWhateverTheWay() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            int channel = deliver(client, consumer, JSON, "1");
            deliver(link, channel, 2, JSON, "2");
            deliver(link, channel, 3, JSON, "3");
            deliver(link, channel, 4, JSON, "4");

            Message acked = next();
            assertThat(acked.acknowledged()).isFalse();
            acked.ack();
            assertThat(acked.acknowledged()).isTrue();
            assertThat(link.expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(1, false));
            Message rejected = next();
            rejected.reject();
            assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(2, false));
            Message requeued = next();
            requeued.requeue();
            assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(3, true));
            Message all = next();
            all.ackMultiple();
            assertThat(link.expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(4, true));

            assertThatThrownBy(acked::requeue)
                    .isInstanceOf(MessageStateException.class)
                    .hasMessageContaining("message 1: acknowledged before");
            assertThatThrownBy(rejected::ack)
                    .isInstanceOf(MessageStateException.class)
                    .hasMessageContaining("rejected before");
            assertThatThrownBy(requeued::reject)
                    .isInstanceOf(MessageStateException.class)
                    .hasMessageContaining("requeued before");
            assertThatThrownBy(all::ackMultiple).isInstanceOf(MessageStateException.class);
            link.expectSilence(50);
        }
    }

    @Test
    void ofThreadsThatRaceOneSettles() throws Exception {
        int threads = 4;
        int rounds = 200;
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            int channel = deliver(client, consumer, JSON, "1");
            for (int tag = 1; tag <= rounds; tag++) {
                Message message = next();
                CountDownLatch start = new CountDownLatch(threads);
                List<CompletableFuture<Boolean>> racing = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    racing.add(CompletableFuture.supplyAsync(
                            () -> settles(message, start), task -> new Thread(task).start()));
                }
                long won = 0;
                for (CompletableFuture<Boolean> each : racing) {
                    won += each.get(SECONDS, TimeUnit.SECONDS) ? 1 : 0;
                }
                assertThat(won).isEqualTo(1);
                assertThat(link.expect(BasicMethods.Ack.class).method().deliveryTag())
                        .isEqualTo(tag);
                deliver(link, channel, tag + 1, JSON, "1");
            }
            link.expectSilence(50);
        }
    }

    private static boolean settles(Message message, CountDownLatch start) {
        start.countDown();
        while (start.getCount() > 0) {
            Thread.onSpinWait();
        }
        try {
            message.ack();
            return true;
        } catch (MessageStateException e) {
            return false;
        }
    }

    @Test
    void withoutAcknowledgementsThereIsNothingToSay() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer =
                    open(client, o -> o.autoDeclare(false).noAck(true), AUDIO).onMessage(messages::add);
            deliver(client, consumer, JSON, "1");
            Message message = next();
            message.ack();
            message.ack();
            message.reject();
            assertThatThrownBy(message::requeue)
                    .isInstanceOf(MessageStateException.class)
                    .hasMessageContaining("without acknowledgement");
            client.link().expectSilence(50);
        }
    }

    @Test
    void aMessageOfALostLinkSaysSoEachTime() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            deliver(client, consumer, JSON, "1");
            Message message = next();
            client.link().cut();
            ScriptedLink second = broker.accept();
            answerUntilConsumed(second);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(message::ack)
                        .isInstanceOf(AmqpChannelException.class)
                        .hasMessageContaining("lost link");
                assertThat(message.acknowledged()).isFalse();
            }
        }
    }

    @Test
    void aClosedConsumerHandsOutNothingMore() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger called = new AtomicInteger();
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(message -> {
                called.incrementAndGet();
                busy.countDown();
                assertThat(go.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            });
            int channel = deliver(client, consumer, JSON, "1");
            deliver(link, channel, 2, JSON, "2");
            assertThat(busy.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(consumer::close);
            link.expect(ChannelMethods.Close.class).reply(ChannelMethods.CloseOk.INSTANCE);
            closing.get(SECONDS, TimeUnit.SECONDS);
            go.countDown();
            client.connection().close(Duration.ZERO);
            assertThat(called).hasValue(1);
        }
    }

    private static void declareQueue(ScriptedLink link, String name) {
        Received<QueueMethods.Declare> declare = link.expect(QueueMethods.Declare.class);
        assertThat(declare.method().queue()).isEqualTo(name);
        declare.reply(new QueueMethods.DeclareOk(name, 0, 0));
    }

    /** Answers what starts one consumer. */
    private BasicMethods.Consume started(ScriptedLink link, int prefetch) {
        Received<BasicMethods.Qos> qos = link.expect(BasicMethods.Qos.class);
        assertThat(qos.method()).isEqualTo(new BasicMethods.Qos(0, prefetch, false));
        qos.reply(BasicMethods.QosOk.INSTANCE);
        Received<BasicMethods.Consume> consume = link.expect(BasicMethods.Consume.class);
        consume.reply(new BasicMethods.ConsumeOk(consume.method().consumerTag()));
        lastChannel = consume.channel();
        return consume.method();
    }

    /** The channels are opened again, and the consumer is started on one of them. */
    private static void answerUntilConsumed(ScriptedLink link) {
        while (true) {
            ScriptedLink.Frame frame = link.next();
            Method method = frame.method();
            if (method instanceof ChannelMethods.Open) {
                link.send(frame.channel(), ChannelMethods.OpenOk.INSTANCE);
            } else if (method instanceof ConfirmMethods.Select) {
                link.send(frame.channel(), ConfirmMethods.SelectOk.INSTANCE);
            } else if (method instanceof BasicMethods.Qos) {
                link.send(frame.channel(), BasicMethods.QosOk.INSTANCE);
            } else {
                String tag = ((BasicMethods.Consume) method).consumerTag();
                link.send(frame.channel(), new BasicMethods.ConsumeOk(tag));
                return;
            }
        }
    }

    /** Starts the consumer and delivers it a first message; returns the channel. */
    private int deliver(Client client, Consumer consumer, MessageProperties properties, String body) throws Exception {
        CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);
        tag = started(client.link(), 250).consumerTag();
        consuming.get(SECONDS, TimeUnit.SECONDS);
        deliver(client.link(), lastChannel, 1, properties, body);
        return lastChannel;
    }

    private void deliver(ScriptedLink link, int channel, long deliveryTag, MessageProperties properties, String body) {
        link.sendContent(
                channel,
                new BasicMethods.Deliver(tag, deliveryTag, false, "", "audio"),
                properties,
                body.getBytes(UTF_8));
    }

    private Message next() throws InterruptedException {
        Message message = messages.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("message").isNotNull();
        return message;
    }

    private static Consumer open(Client client, UnaryOperator<ConsumeOptions> options, Queue... queues)
            throws Exception {
        Connection connection = client.connection();
        CompletableFuture<Consumer> opening =
                CompletableFuture.supplyAsync(() -> connection.consumer(List.of(queues), options));
        client.link().openChannel();
        return opening.get(SECONDS, TimeUnit.SECONDS);
    }

    /** A format whose bodies are all empty. */
    private static final class Counting implements Serializer {
        final AtomicInteger times = new AtomicInteger();

        @Override
        public String contentType() {
            return "application/x-counting";
        }

        @Override
        public Optional<String> contentEncoding() {
            return Optional.empty();
        }

        @Override
        public byte[] serialize(Object body) {
            return new byte[0];
        }

        @Override
        public Object deserialize(byte[] body) {
            times.incrementAndGet();
            return "";
        }
    }
}
