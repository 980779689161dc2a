package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Received;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.LogLines;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Quarantine of consumers whose start closes the connection, and what must not quarantine a consumer. */
class ConsumerQuarantineTest extends ScriptedTest {
    private static final long SECONDS = 10;
    private static final int NO_METHOD = 0;
    private static final int QOS = 10;
    private static final int CONSUME = 20;

    private final List<String> cancelled = new CopyOnWriteArrayList<>();

    /** A close without a method is attributed only while no other request is outstanding. */
    @ParameterizedTest
    @CsvSource({"10, 2", "20, 2", "0, 3"})
    void consumerThatClosesTwoConnectionsIsCancelled(int method, int links) throws Exception {
        try (LogLines log = new LogLines();
                Client client = broker.connect(broker.options())) {
            consume(client.link(), client.channel(), "bad");
            client.link().cut();
            for (int i = 0; i < links; i++) {
                assertThat(cancelled).isEmpty();
                ScriptedLink restored = broker.acceptRestored();
                if (method != QOS) {
                    restored.answerQos();
                }
                restored.next();
                closeConnection(restored, method);
            }
            ScriptedLink last = broker.acceptRestored();
            client.assertPublishes(last, 1);
            Await.until("the consumer is cancelled", () -> !cancelled.isEmpty());
            last.cut();
            client.assertPublishes(broker.acceptRestored(), 1);
            assertThat(cancelled).containsExactly("bad");
            assertThat(log.lines(Level.WARNING).lines().filter(line -> line.contains("consumer bad is not")))
                    .singleElement()
                    .asString()
                    .contains("it ended 2 connections", "541", "INTERNAL_ERROR - closed by the test");
        }
    }

    @Test
    void ofSeveralCandidatesOnlyTheOneAloneAtTheSecondCloseIsCancelled() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel first = client.channel();
            consume(client.link(), first, "good");
            consume(client.link(), first, "bad");
            consume(client.link(), client.channel(), "other");
            client.link().cut();

            ScriptedLink second = broker.acceptRestored(); // both channels in parallel
            second.answerQos();
            second.answerQos();
            Received<BasicMethods.Consume> good = second.expect(BasicMethods.Consume.class);
            assertThat(good.method().consumerTag()).isEqualTo("good");
            assertThat(second.expect(BasicMethods.Consume.class).method().consumerTag())
                    .isEqualTo("other");
            good.reply(new BasicMethods.ConsumeOk("good"));
            second.answerQos();
            second.expect(BasicMethods.Consume.class);
            closeConnection(second, CONSUME);

            ScriptedLink third = broker.acceptRestored(); // one at a time
            answerConsumer(third, "good");
            third.answerQos();
            third.expect(BasicMethods.Consume.class);
            third.expectSilence(50);
            closeConnection(third, CONSUME);

            ScriptedLink fourth = broker.acceptRestored();
            answerConsumer(fourth, "good");
            answerConsumer(fourth, "other");
            client.assertPublishes(fourth, 1);
            awaitCancelled("bad");
            fourth.cut();

            ScriptedLink fifth = broker.acceptRestored(); // in parallel again, without strikes
            fifth.answerQos();
            fifth.answerQos();
            fifth.expect(BasicMethods.Consume.class);
            fifth.expect(BasicMethods.Consume.class);
            closeConnection(fifth, CONSUME);
            ScriptedLink sixth = broker.acceptRestored();
            answerConsumer(sixth, "good");
            answerConsumer(sixth, "other");
            client.assertPublishes(sixth, 1);
            awaitCancelled("bad");
        }
    }

    /** The next consumer is not started on the lost link: the close would be attributed to it. */
    @Test
    void nextConsumerInTurnIsNoCandidate() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            consume(client.link(), client.channel(), "bad");
            consume(client.link(), client.channel(), "other");
            client.link().cut();
            ScriptedLink second = broker.acceptRestored();
            second.expect(BasicMethods.Qos.class);
            second.expect(BasicMethods.Qos.class);
            closeConnection(second, QOS);
            ScriptedLink third = broker.acceptRestored();
            third.expect(BasicMethods.Qos.class);
            closeConnection(third, QOS);
            ScriptedLink fourth = broker.acceptRestored();
            answerConsumer(fourth, "other");
            client.assertPublishes(fourth, 1);
            awaitCancelled("bad");
        }
    }

    /** A close that a repeated RPC of the user causes must not be attributed to a consumer that starts meanwhile. */
    @Test
    void rpcsWaitUntilConsumersStartedOneByOneAreRecovered() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel first = client.channel();
            consume(client.link(), first, "one");
            consume(client.link(), client.channel(), "two");
            client.link().cut();
            ScriptedLink second = broker.acceptRestored();
            second.expect(BasicMethods.Qos.class);
            second.expect(BasicMethods.Qos.class);
            closeConnection(second, QOS);

            ScriptedLink third = broker.acceptRestored(); // one at a time
            CompletableFuture<Void> recovering = first.recoverAsync(true);
            answerConsumer(third, "one");
            third.expect(BasicMethods.Qos.class);
            third.expectSilence(50);
            third.send(4, BasicMethods.QosOk.INSTANCE);
            third.expect(BasicMethods.Consume.class).reply(new BasicMethods.ConsumeOk("two"));
            third.expect(BasicMethods.Recover.class).reply(BasicMethods.RecoverOk.INSTANCE);
            recovering.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    /** A crashed broker sends no close, and a broken network neither: attribution needs more losses. */
    @Test
    void consumerAtWhichTheLinkIsLostRepeatedlyIsCancelled() throws Exception {
        try (LogLines log = new LogLines();
                Client client = broker.connect(broker.options())) {
            consume(client.link(), client.channel(), "good");
            consume(client.link(), client.channel(), "bad");
            client.link().cut();
            for (int i = 0; i < 3; i++) { // in parallel
                ScriptedLink link = broker.acceptRestored();
                link.expect(BasicMethods.Qos.class);
                link.expect(BasicMethods.Qos.class);
                link.cut();
            }
            for (int i = 0; i < 3; i++) { // one at a time
                assertThat(cancelled).isEmpty();
                ScriptedLink link = broker.acceptRestored();
                answerConsumer(link, "good");
                link.answerQos();
                link.expect(BasicMethods.Consume.class);
                link.cut();
            }
            ScriptedLink last = broker.acceptRestored();
            answerConsumer(last, "good");
            client.assertPublishes(last, 1);
            awaitCancelled("bad");
            assertThat(log.lines(Level.WARNING)).contains("consumer bad is not started again", "lost 3 times in a row");
        }
    }

    private void awaitCancelled(String tag) throws Exception {
        Await.until("the consumer is cancelled", () -> cancelled.equals(List.of(tag)));
    }

    @Test
    void networkFailuresQuarantineNoConsumer() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            consume(client.link(), client.channel(), "one");
            consume(client.link(), client.channel(), "two");
            ScriptedLink link = client.link();
            for (int i = 0; i < 3; i++) {
                link.cut();
                link = broker.acceptRestored();
                link.expect(BasicMethods.Qos.class);
                link.expect(BasicMethods.Qos.class); // in parallel, as after any loss
            }
            assertThat(cancelled).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {QOS, CONSUME})
    void firstStartThatClosesTheConnectionFailsItsCall(int method) throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<String> starting =
                    client.channel().consumeAsync("q", ConsumeOptions.defaults().prefetch(7), new Handler());
            if (method != QOS) {
                client.link().answerQos();
            }
            client.link().next();
            closeConnection(client.link(), method);
            assertThat(catchThrowable(() -> starting.get(SECONDS, TimeUnit.SECONDS)))
                    .hasCauseInstanceOf(AmqpConnectionException.class)
                    .hasMessageContaining("INTERNAL_ERROR - closed by the test");
            client.assertPublishes(broker.acceptRestored(), 1);
            assertThat(cancelled).isEmpty();
        }
    }

    /** The recovery of a lost link must not open the publisher, which the next recovery would find open too early. */
    @Test
    void linkLostDuringRecoveryOpensNoPublisher() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            consume(client.link(), client.channel(), "a");
            client.link().cut();
            ScriptedLink second = broker.acceptRestored();
            second.answerQos();
            second.expect(BasicMethods.Consume.class);
            second.cut();
            ScriptedLink third = broker.acceptRestored();
            CompletableFuture<Confirmation> publish =
                    client.connection().producer().publishAsync("queued", PublishOptions.to("", "q"));
            third.expect(BasicMethods.Qos.class);
            third.expectSilence(50);
            third.send(3, BasicMethods.QosOk.INSTANCE);
            third.expect(BasicMethods.Consume.class).reply(new BasicMethods.ConsumeOk("a"));
            assertThat(third.expectPublish().text()).isEqualTo("queued");
            third.ack(client.publishChannel(), 1);
            PublishOutcome.confirmed(publish);
        }
    }

    @Test
    void linkLostDuringChannelOpenKeepsTheOrderOfTheNextRecovery() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            CompletableFuture<Queue> declaring = channel.declareAsync(Queue.of("q"));
            client.link().answerQueueDeclare("q");
            declaring.get(SECONDS, TimeUnit.SECONDS);
            client.link().cut();
            ScriptedLink second = broker.accept();
            for (int i = 0; i < 2; i++) {
                second.expect(ChannelMethods.Open.class).reply(ChannelMethods.OpenOk.INSTANCE);
            }
            second.expect(ChannelMethods.Open.class);
            second.expect(ConfirmMethods.Select.class).reply(ConfirmMethods.SelectOk.INSTANCE);
            second.cut();
            ScriptedLink third = broker.acceptRestored();
            CompletableFuture<Confirmation> publish =
                    client.connection().producer().publishAsync("queued", PublishOptions.to("", "q"));
            third.answerQueueDeclare("q");
            assertThat(third.expectPublish().text()).isEqualTo("queued");
            third.ack(client.publishChannel(), 1);
            PublishOutcome.confirmed(publish);
        }
    }

    private final class Handler implements DeliveryHandler {
        @Override
        public void handle(Delivery delivery) {}

        @Override
        public void cancelled(String consumerTag) {
            cancelled.add(consumerTag);
        }
    }

    /** Closes the connection as a broker does, for a method of class basic or without a method. */
    private static void closeConnection(ScriptedLink link, int method) {
        int classId = method == NO_METHOD ? 0 : 60;
        link.send(0, new ConnectionMethods.Close(541, "INTERNAL_ERROR - closed by the test", classId, method));
        link.expect(ConnectionMethods.CloseOk.class);
        link.cut();
    }

    private void consume(ScriptedLink link, Channel channel, String tag) throws Exception {
        CompletableFuture<String> starting =
                channel.consumeAsync("q", ConsumeOptions.defaults().consumerTag(tag), new Handler());
        ScriptedConsumer.start(link, starting);
        assertThat(starting.get()).isEqualTo(tag);
    }

    private static void answerConsumer(ScriptedLink link, String tag) {
        assertThat(ScriptedConsumer.answer(link).tag()).isEqualTo(tag);
    }
}
