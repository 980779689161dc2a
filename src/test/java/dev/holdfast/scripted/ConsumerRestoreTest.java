package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Consumer;
import dev.holdfast.Exchange;
import dev.holdfast.Message;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Received;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.RestoreListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Consumers that the broker refuses to restore: they are tried again, and the others of the channel go on. */
class ConsumerRestoreTest extends ScriptedConsumerTest {
    @SuppressWarnings("UnnecessaryLambda") // an argument of many calls
    private static final UnaryOperator<ConsumeOptions> NO_DECLARE = o -> o.autoDeclare(false);

    private static final int DECLARE_CHANNEL = 1;

    private final BlockingQueue<String> steps = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();

    private ConnectionOptions options() {
        return broker.options()
                .listener(new RestoreListener(steps))
                .reconnectBackoff(
                        Duration.ofMillis(800), Duration.ofMillis(800)); // longer than a channel needs to open
    }

    private Consumer consumer(Client client, UnaryOperator<ConsumeOptions> options, Queue... queues) throws Exception {
        return open(client, options, queues).onMessage(messages::add).onCancel(cancelled::add);
    }

    /** Starts a consumer of two queues. */
    private Consumer consumeBoth(Client client) throws Exception {
        Consumer consumer = consumer(client, NO_DECLARE, Queue.of("a"), Queue.of("b"));
        CompletableFuture<?> starting = CompletableFuture.supplyAsync(consumer::consume);
        ScriptedConsumer unused = ScriptedConsumer.answer(client.link());
        ScriptedConsumer second = ScriptedConsumer.start(client.link(), starting);
        assertThat(second.request().queue()).isEqualTo("b");
        return consumer;
    }

    /** Refuses the next start, which must be of this queue. The client opens the channel again. */
    private static void refuse(ScriptedLink link, String queue, int code) {
        link.answerQos();
        Received<BasicMethods.Consume> consume = link.expect(BasicMethods.Consume.class);
        assertThat(consume.method().queue()).isEqualTo(queue);
        link.closeChannel(consume.channel(), new ChannelMethods.Close(code, "REFUSED by the test", 60, 20));
        int unused = link.openChannel();
    }

    private String step() throws InterruptedException {
        String step = steps.poll(SECONDS, TimeUnit.SECONDS);
        return String.valueOf(step).replaceAll("'ctag[^']*' ", "");
    }

    @ParameterizedTest
    @CsvSource({"405", "403", "404"})
    void refusedConsumerIsTriedAgainUntilItStands(int code) throws Exception {
        try (Client client = broker.connect(options())) {
            Consumer consumer = consumer(client, NO_DECLARE, AUDIO);
            start(client, consumer);
            client.link().cut();
            ScriptedLink link = broker.acceptRestored();
            refuse(link, "audio", code);
            assertThat(step()).isEqualTo("retrying consumer of queue 'audio'");

            link.answerQueueDeclare("audio"); // the check on the channel for declarations
            refuse(link, "audio", code);
            assertThat(step()).startsWith("retrying");

            link.answerQueueDeclare("audio");
            ScriptedConsumer restored = ScriptedConsumer.answer(link);
            assertThat(step()).isEqualTo("restored consumer of queue 'audio'");
            restored.deliver(1, JSON, "1");
            nextMessage().ack();
            assertThat(link.expect(BasicMethods.Ack.class).channel()).isEqualTo(restored.channel());
            assertThat(consumer.consumingFrom("audio")).isTrue();
            assertThat(cancelled).isEmpty();
        }
    }

    /** The check does not disturb the other consumers of the channel. */
    @Test
    void otherConsumersGoOnWhileOneIsMissing() throws Exception {
        try (Client client = broker.connect(options())) {
            Consumer consumer = consumeBoth(client);
            client.link().cut();
            ScriptedLink link = broker.acceptRestored();
            refuse(link, "a", 404);
            ScriptedConsumer second = ScriptedConsumer.answer(link);
            assertThat(second.request().queue()).isEqualTo("b");
            second.deliver(1, JSON, "1");
            Message kept = nextMessage();

            Received<QueueMethods.Declare> check = link.expect(QueueMethods.Declare.class);
            assertThat(check.method().passive()).isTrue();
            link.closeChannel(check.channel(), new ChannelMethods.Close(404, "NOT_FOUND - no queue 'a'", 50, 10));
            int unusedDeclare = link.openChannel();
            kept.ack();
            while (link.next().method() instanceof QueueMethods.Declare) { // further checks
                link.send(DECLARE_CHANNEL, new ChannelMethods.Close(404, "NOT_FOUND - no queue 'a'", 50, 10));
                link.expect(ChannelMethods.CloseOk.class);
                int unusedAgain = link.openChannel();
            }
            assertThat(consumer.consumingFrom("a")).isTrue();
            assertThat(consumer.consumingFrom("b")).isTrue();
        }
    }

    @Test
    void consumerIsCancelledAtTheLimitAndStartsAgain() throws Exception {
        try (Client client = broker.connect(options().restoreLimit(Duration.ofNanos(1)))) {
            Consumer consumer = consumeBoth(client);
            client.link().cut();
            ScriptedLink link = broker.acceptRestored();
            refuse(link, "a", 404);
            refuse(link, "a", 404); // due again before the channel is open
            ScriptedConsumer second = ScriptedConsumer.answer(link);
            assertThat(cancelled.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("a");
            assertThat(step()).isEqualTo("retrying consumer of queue 'a'");
            assertThat(step()).isEqualTo("failed consumer of queue 'a'");
            assertThat(consumer.consumingFrom("a")).isFalse();
            assertThat(consumer.consumingFrom("b")).isTrue();

            ScriptedConsumer again = ScriptedConsumer.start(link, CompletableFuture.supplyAsync(consumer::consume));
            assertThat(again.request().queue()).isEqualTo("a");
            assertThat(again.channel()).isEqualTo(second.channel());
        }
    }

    @Test
    void refusedStartEndsNoOtherConsumerOfTheChannel() throws Exception {
        try (Client client = broker.connect(options())) {
            Consumer consumer = consumer(client, NO_DECLARE, Queue.of("a"), Queue.of("b"), Queue.of("c"));
            CompletableFuture<?> starting = CompletableFuture.supplyAsync(consumer::consume);
            ScriptedLink link = client.link();
            ScriptedConsumer first = ScriptedConsumer.answer(link);
            refuse(link, "b", 404);
            ScriptedConsumer restarted = ScriptedConsumer.answer(link);
            assertThat(restarted.tag()).isEqualTo(first.tag());
            link.answerQos(); // requested before the channel was opened again
            assertThat(ScriptedConsumer.answer(link).request().queue()).isEqualTo("c");
            assertThatThrownBy(starting::join).hasCauseInstanceOf(AmqpChannelException.class);
            assertThat(List.of("a", "b", "c"))
                    .filteredOn(consumer::consumingFrom)
                    .containsExactly("a", "c");
        }
    }

    /** A consumer whose queue waits for its own restore does not close the channel for it. */
    @Test
    void consumerWaitsForTheRestoreOfItsQueue() throws Exception {
        try (Client client = broker.connect(options())) {
            Consumer consumer = consumer(client, o -> o, AUDIO.exclusive(true));
            CompletableFuture<?> starting = CompletableFuture.supplyAsync(consumer::consume);
            client.link().answerQueueDeclare("audio");
            ScriptedConsumer unused = ScriptedConsumer.start(client.link(), starting);
            client.link().cut();

            ScriptedLink link = broker.acceptRestored();
            Received<QueueMethods.Declare> declare = link.expect(QueueMethods.Declare.class);
            link.closeChannel(declare.channel(), new ChannelMethods.Close(405, "RESOURCE_LOCKED", 50, 10));
            int unusedDeclare = link.openChannel();
            declare = link.expect(QueueMethods.Declare.class);
            while (declare.method().passive()) { // the check of the consumer
                link.closeChannel(declare.channel(), new ChannelMethods.Close(405, "RESOURCE_LOCKED", 50, 10));
                int unusedAgain = link.openChannel();
                declare = link.expect(QueueMethods.Declare.class);
            }
            declare.reply(new QueueMethods.DeclareOk("audio", 0, 0));
            while (link.next().method() instanceof QueueMethods.Declare) {
                link.send(DECLARE_CHANNEL, new QueueMethods.DeclareOk("audio", 0, 0));
            }
            link.send(3, BasicMethods.QosOk.INSTANCE);
            Received<BasicMethods.Consume> consume = link.expect(BasicMethods.Consume.class);
            consume.reply(new BasicMethods.ConsumeOk(consume.method().consumerTag()));
            Await.until(
                    "both are restored",
                    () -> steps.stream()
                                    .filter(step -> step.startsWith("restored"))
                                    .count()
                            == 2);
            assertThat(cancelled).isEmpty();
        }
    }

    /** The queue is missing because its exchange is refused: the consumer is awaited as long as that. */
    @Test
    void missingQueueIsAwaitedAsLongAsItsOwnRestore() throws Exception {
        BlockingQueue<AmqpException> causes = new LinkedBlockingQueue<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void restoreRetrying(String item, AmqpException cause, Duration delay) {
                causes.add(cause);
            }
        };
        try (Client client = broker.connect(options().listener(listener))) {
            Consumer consumer = consumer(client, o -> o, Queue.of("q", Exchange.direct("e"), "q"));
            CompletableFuture<?> starting = CompletableFuture.supplyAsync(consumer::consume);
            client.link().answerExchangeDeclare();
            client.link().answerQueueDeclare("q");
            client.link().expect(QueueMethods.Bind.class).reply(QueueMethods.BindOk.INSTANCE);
            ScriptedConsumer unused = ScriptedConsumer.start(client.link(), starting);
            client.link().cut();

            ScriptedLink link = broker.acceptRestored();
            ChannelMethods.Close refusal = new ChannelMethods.Close(403, "ACCESS_REFUSED", 40, 10);
            link.closeChannel(link.expect(ExchangeMethods.Declare.class).channel(), refusal);
            int unusedDeclare = link.openChannel();
            link.closeChannel(link.expect(ExchangeMethods.Declare.class).channel(), refusal); // for the queue
            for (int i = 0; i < 2; i++) { // the channel for declarations opens while the consumer starts
                var next = link.next();
                boolean opens = next.method() instanceof ChannelMethods.Open;
                link.send(next.channel(), opens ? ChannelMethods.OpenOk.INSTANCE : BasicMethods.QosOk.INSTANCE);
            }
            Received<BasicMethods.Consume> consume = link.expect(BasicMethods.Consume.class);
            link.closeChannel(consume.channel(), new ChannelMethods.Close(404, "NOT_FOUND", 60, 20));
            assertThat(causes.poll(SECONDS, TimeUnit.SECONDS)).hasMessageContaining("ACCESS_REFUSED");
            assertThat(causes.poll(SECONDS, TimeUnit.SECONDS)).hasMessageContaining("ACCESS_REFUSED");
            assertThat(causes.poll(SECONDS, TimeUnit.SECONDS)).hasMessageContaining("ACCESS_REFUSED");
        }
    }

    /** Its turn was before, and the channel is not set up yet. */
    @Test
    void consumerThatIsDueWhileTheOthersStartIsTriedAfterwards() throws Exception {
        try (Client client = broker.connect(options())) {
            Consumer consumer = consumeBoth(client);
            client.link().cut();
            ScriptedLink link = broker.acceptRestored();
            refuse(link, "a", 405);
            link.answerQos();
            Received<BasicMethods.Consume> second = link.expect(BasicMethods.Consume.class);
            link.expectSilence(1000); // longer than the delay
            second.reply(new BasicMethods.ConsumeOk(second.method().consumerTag()));
            link.answerQueueDeclare("a");
            assertThat(ScriptedConsumer.answer(link).request().queue()).isEqualTo("a");
            Await.until("both are restored", () -> steps.stream().anyMatch(step -> step.startsWith("restored")));
            assertThat(consumer.consumingFrom("a")).isTrue();
        }
    }
}
