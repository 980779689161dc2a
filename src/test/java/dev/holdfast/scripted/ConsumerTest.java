package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Channel;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Consumer;
import dev.holdfast.Queue;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Received;
import dev.holdfast.serialization.Accept;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.LogLines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a consumer declares and requests when it starts, and which options it applies. */
class ConsumerTest extends ScriptedConsumerTest {
    @Test
    void consumeDeclaresThenSetsThePrefetchThenConsumes() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(
                            client, o -> o.prefetch(7).consumerTag("ctag").exclusive(true), VIDEO, AUDIO)
                    .onMessage(messages::add);
            CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);

            assertThat(link.answerExchangeDeclare().exchange()).isEqualTo("media");
            link.answerQueueDeclare("video");
            link.answerQueueBind();
            link.answerQueueDeclare("audio");
            ScriptedConsumer first = ScriptedConsumer.answer(link);
            ScriptedConsumer second = ScriptedConsumer.start(link, consuming);

            assertThat(List.of(first.qos(), second.qos())).containsOnly(new BasicMethods.Qos(0, 7, false));
            assertThat(List.of(first.request().queue(), second.request().queue()))
                    .containsExactly("video", "audio");
            assertThat(List.of(first.tag(), second.tag())).containsExactly("ctag1", "ctag2");
            assertThat(first.request().exclusive()).isTrue();
            assertThat(consumer.consumingFrom("video")).isTrue();

            CompletableFuture<Void> cancelling = CompletableFuture.runAsync(() -> consumer.cancelByQueue("video"));
            Received<BasicMethods.Cancel> cancel = link.expect(BasicMethods.Cancel.class);
            cancel.reply(new BasicMethods.CancelOk(cancel.method().consumerTag()));
            cancelling.get(SECONDS, TimeUnit.SECONDS);
            assertThat(cancel.method().consumerTag()).isEqualTo("ctag1");
            assertThat(consumer.consumingFrom("video")).isFalse();
            assertThat(consumer.consumingFrom("audio")).isTrue();
        }
    }

    @Test
    void consumeStartsOnlyNewQueuesAndHonoursAutoDeclare() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            start(client, consumer);

            consumer.addQueue(VIDEO).qos(3);
            ScriptedConsumer second =
                    ScriptedConsumer.start(client.link(), CompletableFuture.supplyAsync(consumer::consume));
            assertThat(second.request().queue()).isEqualTo("video");
            assertThat(second.qos()).isEqualTo(new BasicMethods.Qos(0, 3, false));
        }
    }

    @Test
    void channelConsumesWithOptionsDerivedFromTheDefaults() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            CompletableFuture<String> first = CompletableFuture.supplyAsync(
                    () -> channel.consume("video", o -> o.prefetch(7).exclusive(true), delivery -> {}));
            ScriptedConsumer started = ScriptedConsumer.start(client.link(), first);
            assertThat(started.qos()).isEqualTo(new BasicMethods.Qos(0, 7, false));
            assertThat(started.request().exclusive()).isTrue();

            CompletableFuture<String> second =
                    channel.consumeAsync("audio", o -> o.consumerTag("ctag"), delivery -> {});
            assertThat(ScriptedConsumer.start(client.link(), second).qos())
                    .isEqualTo(new BasicMethods.Qos(0, 250, false));
            assertThat(second).isCompletedWithValue("ctag");
        }
    }

    @Test
    void declareDeclaresTheQueuesOnly() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), VIDEO);
            CompletableFuture<Consumer> declaring = CompletableFuture.supplyAsync(consumer::declare);
            link.answerExchangeDeclare();
            link.answerQueueDeclare("video");
            link.answerQueueBind();
            assertThat(declaring.get(SECONDS, TimeUnit.SECONDS)).isSameAs(consumer);
            assertThat(consumer.consumingFrom("video")).isFalse();
        }
    }

    @Test
    void purgeAndRecoverReachEveryQueue() throws Exception {
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
    void consumeOptionsOverrideQueueSettings() throws Exception {
        Queue audio = AUDIO.noAck(true).consumerArguments(Map.of("x-priority", 1, "x", "y"));
        try (Client client = broker.connect(broker.options())) {
            BasicMethods.Consume plain = start(client, o -> o, VIDEO).request();
            assertThat(plain.noAck()).isFalse();
            assertThat(plain.arguments()).isEmpty();

            ScriptedConsumer ofQueue = start(client, o -> o, audio);
            assertThat(ofQueue.request().noAck()).isTrue();
            assertThat(ofQueue.request().arguments()).isEqualTo(Map.of("x-priority", 1, "x", "y"));
            ofQueue.deliver(1, JSON, "1");
            nextMessage().ack();
            client.link().expectSilence(50);

            BasicMethods.Consume own =
                    start(client, o -> o.noAck(false).priority(2), audio).request();
            assertThat(own.noAck()).isFalse();
            assertThat(own.arguments()).isEqualTo(Map.of("x-priority", 2, "x", "y"));
        }
    }

    private ScriptedConsumer start(Client client, UnaryOperator<ConsumeOptions> options, Queue queue) throws Exception {
        UnaryOperator<ConsumeOptions> noDeclare = o -> options.apply(o.autoDeclare(false));
        return start(client, open(client, noDeclare, queue).onMessage(messages::add));
    }

    @Test
    void queueListIsCopied() throws Exception {
        List<Queue> queues = new ArrayList<>(List.of(AUDIO));
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            Consumer consumer = new Consumer(channel, queues, o -> o.autoDeclare(false)).onMessage(messages::add);
            consumer.addQueue(VIDEO);
            assertThat(queues).containsExactly(AUDIO);
            consumer.cancelByQueue("video");
            queues.clear();
            assertThat(start(client, consumer).request().queue()).isEqualTo("audio");
        }
    }

    @Test
    void unknownSerializerIsRefusedBeforeAChannelOpens() throws Exception {
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

    @Test
    void consumerCancelledByTheBrokerCanBeRestarted() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            BlockingQueue<String> ended = new LinkedBlockingQueue<>();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .onMessage(messages::add)
                    .onCancel(ended::add);
            ScriptedConsumer first = start(client, consumer);

            client.link().send(first.channel(), new BasicMethods.Cancel(first.tag(), true));
            assertThat(ended.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("audio");
            assertThat(consumer.consumingFrom("audio")).isFalse();
            assertThat(start(client, consumer).tag()).isNotEqualTo(first.tag());
        }
    }

    @Test
    void consumerIsNotifiedIfTheNextBrokerHasTooFewChannels() throws Exception {
        BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
        ConnectionOptions options = broker.options().closeTimeout(Duration.ofMillis(1));
        try (LogLines log = new LogLines();
                Client client = broker.connect(options)) {
            Consumer kept = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            Consumer lost = open(client, o -> o.autoDeclare(false), VIDEO)
                    .onMessage(messages::add)
                    .onCancel(cancelled::add);
            start(client, kept);
            start(client, lost);
            broker.channelMax(3);
            client.link().cut();
            ScriptedLink link = broker.accept();
            int unusedChannel = link.restoreChannels();
            ScriptedConsumer unusedConsumer = ScriptedConsumer.answer(link);

            assertThat(cancelled.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("video");
            assertThat(lost.consumingFrom("video")).isFalse();
            assertThat(kept.consumingFrom("audio")).isTrue();
            assertThatThrownBy(lost::consume).hasMessageContaining("no channel left (expected: at most 3");
            Await.until("the log", () -> log.text().contains("a channel is not opened again"));
        }
    }

    @Test
    void duplicateTagIsRefusedByTheClient() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            UnaryOperator<ConsumeOptions> same = o -> o.consumerTag("t").autoDeclare(false);
            Consumer one = new Consumer(channel, List.of(AUDIO), same).onMessage(messages::add);
            Consumer two = new Consumer(channel, List.of(VIDEO), same).onMessage(messages::add);
            start(client, one);

            assertThatIllegalArgumentException().isThrownBy(two::consume).withMessageContaining("consumerTag: 't1'");
            assertThat(two.consumingFrom("video")).isFalse();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Test
    void consumeRequiresACallback() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, UnaryOperator.identity(), AUDIO);
            assertThatIllegalStateException().isThrownBy(consumer::consume).withMessageContaining("callback");
        }
    }
}
