package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Exchange;
import dev.holdfast.NackedException;
import dev.holdfast.Producer;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.RetryPolicy;
import dev.holdfast.UnroutableException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.internal.protocol.TxMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Finds the request that makes the broker close a channel or connection, and does not send it a third time. */
class FaultAttributionTest extends ScriptedTest {
    private static final RetryPolicy ONE_RETRY = NO_DELAY.maxRetries(1);
    private static final PublishOptions PLAIN = PublishOptions.to("x", "q");
    private static final PublishOptions RETRIED = PLAIN.retry(ONE_RETRY);
    private static final int BASIC = 60;
    private static final int PUBLISH = 40;
    private static final ChannelMethods.Close CHANNEL_CLOSE =
            new ChannelMethods.Close(406, "PRECONDITION_FAILED - invalid message", BASIC, PUBLISH);
    private static final ConnectionMethods.Close CONNECTION_CLOSE =
            new ConnectionMethods.Close(541, "INTERNAL_ERROR", BASIC, PUBLISH);
    private static final ConnectionMethods.Close IMMEDIATE =
            new ConnectionMethods.Close(540, "NOT_IMPLEMENTED - immediate=true", BASIC, PUBLISH);
    private static final ConnectionMethods.Close BAD_TYPE =
            new ConnectionMethods.Close(503, "COMMAND_INVALID - invalid exchange type 'odd'", 40, 10);
    private static final Exchange ODD = Exchange.of("odd", "odd");

    @Test
    void unattributedCloseRetransmitsOneAtATimeUntilTheFaultRepeats() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> plain = producer.publishAsync("plain", PLAIN);
            CompletableFuture<Confirmation> before = producer.publishAsync("before", RETRIED);
            CompletableFuture<Confirmation> bad = producer.publishAsync("bad", RETRIED);
            CompletableFuture<Confirmation> after = producer.publishAsync("after", RETRIED);
            int channel = link.expectPublishes("plain", "before", "bad", "after");
            link.closeChannel(channel, CHANNEL_CLOSE);
            assertThat(PublishOutcome.failed(plain, DeliveryStatus.UNKNOWN)).hasMessageContaining("invalid message");
            CompletableFuture<Confirmation> newer = producer.publishAsync("newer", PLAIN);

            link.openConfirming();
            channel = link.expectPublishes("before");
            link.expectSilence(50);
            link.ack(channel, 1);
            assertThat(PublishOutcome.confirmed(before).attempts()).isEqualTo(1);
            link.expectPublishes("bad");
            link.expectSilence(50);
            link.closeChannel(channel, CHANNEL_CLOSE);
            assertThat(PublishOutcome.failure(bad))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining("invalid message");

            link.openConfirming();
            channel = link.expectPublishes("after", "newer"); // stop-and-wait has ended
            link.ackAllUpTo(channel, 2);
            assertThat(PublishOutcome.confirmed(after).attempts()).isEqualTo(1);
            PublishOutcome.confirmed(newer);
            link.expectSilence(50);
        }
    }

    @Test
    void pipeliningResumesWhenEveryRetransmittedPublishIsConfirmed() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> first = producer.publishAsync("1", RETRIED);
            CompletableFuture<Confirmation> bad = producer.publishAsync("bad", PLAIN);
            CompletableFuture<Confirmation> second = producer.publishAsync("2", RETRIED);
            int channel = link.expectPublishes("1", "bad", "2");
            link.closeChannel(channel, CHANNEL_CLOSE);
            PublishOutcome.failed(bad, DeliveryStatus.UNKNOWN);
            link.openConfirming();
            channel = link.expectPublishes("1");
            CompletableFuture<Confirmation> third = producer.publishAsync("3", PLAIN);
            CompletableFuture<Confirmation> fourth = producer.publishAsync("4", PLAIN);
            link.ack(channel, 1);
            link.expectPublishes("2");
            link.expectSilence(50);
            link.ack(channel, 2);
            link.expectPublishes("3", "4");
            link.ackAllUpTo(channel, 4);
            for (CompletableFuture<Confirmation> publish : List.of(first, second, third, fourth)) {
                assertThat(PublishOutcome.confirmed(publish).attempts()).isEqualTo(1);
            }
        }
    }

    @Test
    void publishThatClosesTwoConnectionsCostsOthersNoAttempt() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> before = producer.publishAsync("before", RETRIED);
            CompletableFuture<Confirmation> bad = producer.publishAsync("bad", RETRIED.retry(ONE_RETRY.maxRetries(30)));
            CompletableFuture<Confirmation> after = producer.publishAsync("after", RETRIED);
            client.link().expectPublishes("before", "bad", "after");
            client.link().send(0, CONNECTION_CLOSE);

            ScriptedLink second = broker.acceptRestored();
            int channel = second.expectPublishes("before");
            second.ack(channel, 1);
            second.expectPublishes("bad");
            CompletableFuture<Confirmation> newer = producer.publishAsync("newer", PLAIN);
            second.expectSilence(50);
            second.send(0, CONNECTION_CLOSE);
            assertThat(PublishOutcome.failure(bad))
                    .isInstanceOf(AmqpConnectionException.class)
                    .hasMessageContaining("541 INTERNAL_ERROR (basic.publish)");

            ScriptedLink third = broker.acceptRestored();
            channel = third.expectPublishes("after", "newer");
            third.ackAllUpTo(channel, 2);
            assertThat(PublishOutcome.confirmed(before).attempts()).isEqualTo(1);
            assertThat(PublishOutcome.confirmed(after).attempts()).isEqualTo(1);
            PublishOutcome.confirmed(newer);
        }
    }

    @Test
    void stopAndWaitSpansAllChannelsAfterAConnectionClose() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer other = client.producerWithChannel();
            CompletableFuture<Confirmation> good =
                    client.connection().producer().publishAsync("good", RETRIED);
            link.expectPublish();
            CompletableFuture<Confirmation> bad = other.publishAsync("bad", RETRIED);
            link.expectPublish();
            link.send(0, CONNECTION_CLOSE);

            ScriptedLink second = broker.accept();
            Published first = restoreUntilPublish(second);
            CompletableFuture<Confirmation> alone = first.text().equals("good") ? good : bad;
            second.expectSilence(50);
            second.ack(first.channel(), 1);
            PublishOutcome.confirmed(alone);
            Published last = restoreUntilPublish(second);
            second.expectSilence(50);
            second.send(0, CONNECTION_CLOSE);
            assertThat(last.text()).isNotEqualTo(first.text());
            assertThat(PublishOutcome.failure(alone == good ? bad : good)).isInstanceOf(AmqpConnectionException.class);
        }
    }

    @Test
    void confirmOnOneChannelEndsThePublishOfAnotherThatTheLinkCannotCarry() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            CompletableFuture<Confirmation> good = client.producerWithChannel().publishAsync("good", RETRIED);
            link.expectPublishes("good");
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> large =
                    producer.publishAsync("large", RETRIED.header("h", "x".repeat(6000)));
            link.expectPublishes("large");
            broker.frameMax(4096);
            link.send(0, CONNECTION_CLOSE);

            ScriptedLink second = broker.accept();
            Published first = restoreUntilPublish(second);
            assertThat(first.text()).isEqualTo("good");
            CompletableFuture<Void> unused = client.connection().closeAsync(Duration.ofMinutes(1));
            second.ack(first.channel(), 1);
            PublishOutcome.confirmed(good);
            assertThat(PublishOutcome.failure(large))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("frame size");
            second.expect(ConnectionMethods.Close.class); // nothing is outstanding
        }
    }

    @Test
    void channelOpenedDuringStopAndWaitSendsAfterIt() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> good = producer.publishAsync("good", RETRIED);
            client.link().expectPublishes("good");
            client.link().send(0, CONNECTION_CLOSE);

            ScriptedLink second = broker.acceptRestored();
            int channel = second.expectPublishes("good");
            Producer late = new Client(client.connection(), second, channel).producerWithChannel();
            CompletableFuture<Confirmation> bad = late.publishAsync("bad", PLAIN);
            second.expectSilence(50); // else a close would be attributed to the first message
            second.ack(channel, 1);
            PublishOutcome.confirmed(good);
            second.expectPublishes("bad");
            second.send(0, CONNECTION_CLOSE);
            PublishOutcome.failed(bad, DeliveryStatus.UNKNOWN);
        }
    }

    private static Published restoreUntilPublish(ScriptedLink link) {
        while (true) {
            ScriptedLink.Frame frame = link.next();
            var method = frame.method();
            if (method instanceof BasicMethods.Publish publish) {
                return link.contentOf(new Received<>(link, frame.channel(), publish));
            }
            link.send(
                    frame.channel(),
                    method instanceof ConfirmMethods.Select
                            ? ConfirmMethods.SelectOk.INSTANCE
                            : ChannelMethods.OpenOk.INSTANCE);
        }
    }

    @Test
    void immediateIsRefusedBeforeItIsSentToRabbitMq() throws Exception {
        broker.product("RabbitMQ");
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            for (int size : new int[] {3, 100_000}) {
                CompletableFuture<Confirmation> refused =
                        producer.publishAsync(new byte[size], RETRIED.immediate(true));
                assertThat(PublishOutcome.failed(refused, DeliveryStatus.NOT_SENT))
                        .hasMessageContaining("immediate")
                        .hasMessageContaining("RabbitMQ");
            }
            client.link().expectSilence(50);
        }
    }

    @Test
    void queuedImmediateIsRefusedWhenTheNextLinkLeadsToRabbitMq() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            broker.product("RabbitMQ");
            client.link().cut();
            ScriptedLink link = broker.accept();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> refused = producer.publishAsync("at once", RETRIED.immediate(true));
            CompletableFuture<Confirmation> good = producer.publishAsync("good", RETRIED);
            link.restoreChannels();
            assertThat(PublishOutcome.failed(refused, DeliveryStatus.NOT_SENT)).hasMessageContaining("immediate");
            link.ack(link.expectPublishes("good"), 1);
            PublishOutcome.confirmed(good);
        }
    }

    @Test
    void immediateRefusedByAnotherBrokerFailsItsPublish() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> before = producer.publishAsync("before", RETRIED);
            CompletableFuture<Confirmation> bad = producer.publishAsync("bad", RETRIED.immediate(true));
            CompletableFuture<Confirmation> after = producer.publishAsync("after", PLAIN);
            client.link().expectPublishes("before", "bad", "after");
            client.link().send(0, IMMEDIATE);
            assertThat(PublishOutcome.failure(bad))
                    .isInstanceOf(AmqpConnectionException.class)
                    .hasMessageContaining("immediate");
            ScriptedLink restored = broker.acceptRestored();
            restored.ackAllUpTo(restored.expectPublishes("before", "after"), 2);
            assertThat(PublishOutcome.confirmed(before).attempts()).isEqualTo(1);
            assertThat(PublishOutcome.confirmed(after).attempts()).isEqualTo(1);
        }
    }

    @Test
    void declareThatClosesTwoConnectionsIsNotSentAThirdTime() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> sent = producer.publishAsync("sent", PLAIN);
            CompletableFuture<Confirmation> neighbour = producer.publishAsync("neighbour", RETRIED);
            client.link().expectPublishes("sent", "neighbour");
            CompletableFuture<Confirmation> bad = producer.publishAsync(
                    "bad", RETRIED.retry(ONE_RETRY.maxRetries(30)).declare(ODD));
            CompletableFuture<Confirmation> behind = producer.publishAsync("behind", PLAIN);
            client.link().expect(ExchangeMethods.Declare.class);
            client.link().send(0, BAD_TYPE);
            assertThat(PublishOutcome.failed(bad, DeliveryStatus.NOT_SENT))
                    .hasMessageContaining("invalid exchange type");
            PublishOutcome.failed(sent, DeliveryStatus.UNKNOWN);

            ScriptedLink second = broker.acceptRestored(); // the declaration is not repeated
            second.ackAllUpTo(second.expectPublishes("neighbour", "behind"), 2);
            assertThat(PublishOutcome.confirmed(neighbour).attempts()).isEqualTo(1);
            PublishOutcome.confirmed(behind);
            List<CompletableFuture<Void>> declaring = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                declaring.add(client.connection().producer(p -> p.exchange(ODD)).declareAsync());
            }
            second.expect(ExchangeMethods.Declare.class);
            second.send(0, BAD_TYPE);

            ScriptedLink third = broker.acceptRestored();
            for (CompletableFuture<Void> declare : declaring) {
                assertThat(declare)
                        .failsWithin(Duration.ofSeconds(10))
                        .withThrowableThat()
                        .withCauseInstanceOf(AmqpConnectionException.class);
            }
            CompletableFuture<Confirmation> never = producer.publishAsync("never", PLAIN.declare(ODD));
            assertThat(PublishOutcome.failed(never, DeliveryStatus.NOT_SENT))
                    .hasMessageContaining("exchange.declare is not sent again: it ended 2 connections");
            third.expectSilence(50);
        }
    }

    @Test
    void pendingRpcIsRecoverableWhenAnotherClosedTheConnection() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            CompletableFuture<?> pending = channel.txSelectAsync();
            link.expect(TxMethods.Select.class);
            CompletableFuture<?> faulty = channel.declareAsync(ODD);
            link.expect(ExchangeMethods.Declare.class);
            link.send(0, BAD_TYPE);
            assertRecoverable(pending, true);
            assertRecoverable(faulty, false);
        }
    }

    private static void assertRecoverable(CompletableFuture<?> call, boolean recoverable) {
        Throwable failure = catchThrowable(() -> call.get(10, TimeUnit.SECONDS));
        assertThat(failure).hasCauseInstanceOf(AmqpConnectionException.class);
        assertThat(((AmqpConnectionException) failure.getCause()).recoverable()).isEqualTo(recoverable);
    }

    @Test
    void recordedEntityThatClosesTheConnectionLeavesTheTopology() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            declareExchangeAndQueue(client);
            client.link().cut();
            ScriptedLink second = broker.acceptRestored();
            second.expect(ExchangeMethods.Declare.class);
            second.send(0, BAD_TYPE);
            ScriptedLink third = broker.acceptRestored();
            third.answerQueueDeclare("q");
            client.assertPublishes(third, 1);
        }
    }

    /** The binding is encoded anew on each link, because the queue has another name, but is one entity. */
    @Test
    void serverNamedQueueLeavesTheTopologyWhenItsBindingClosesTheConnection() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Queue> declaring = client.channel()
                    .declareAsync(Queue.serverNamed().exclusive(false).bound(Exchange.direct("amq.direct"), "k"));
            assertThat(expectBind(client.link(), "amq.gen-1").queue()).isEqualTo("amq.gen-1");
            client.link().send(1, QueueMethods.BindOk.INSTANCE);
            declaring.get(10, TimeUnit.SECONDS);
            client.link().cut();
            ScriptedLink second = broker.acceptRestored();
            assertThat(expectBind(second, "amq.gen-2").queue()).isEqualTo("amq.gen-2");
            second.send(0, new ConnectionMethods.Close(541, "INTERNAL_ERROR - no", 50, 20));
            client.assertPublishes(broker.acceptRestored(), 1);
        }
    }

    /** Names a server-named queue, and expects the binding that follows. */
    private static QueueMethods.Bind expectBind(ScriptedLink link, String name) {
        link.answerQueueDeclare(name);
        return link.expect(QueueMethods.Bind.class).method();
    }

    @Test
    void entityIsSkippedAfterThreeConnectionsLostWithoutAClose() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            declareExchangeAndQueue(client);
            client.link().cut();
            for (int i = 0; i < 3; i++) {
                ScriptedLink restored = broker.acceptRestored();
                restored.expect(ExchangeMethods.Declare.class);
                restored.cut();
            }
            ScriptedLink last = broker.acceptRestored();
            last.answerQueueDeclare("q");
            client.assertPublishes(last, 1);
            last.cut();
            ScriptedLink next = broker.acceptRestored(); // the loss did not recur: the exchange is declared again
            next.answerExchangeDeclare();
            next.answerQueueDeclare("q");
        }
    }

    private static void declareExchangeAndQueue(Client client) throws Exception {
        ScriptedLink link = client.link();
        Channel channel = client.channel();
        CompletableFuture<?> first = channel.declareAsync(ODD);
        link.answerExchangeDeclare();
        first.get(10, TimeUnit.SECONDS);
        CompletableFuture<?> second = channel.declareAsync(Queue.of("q"));
        link.answerQueueDeclare("q");
        second.get(10, TimeUnit.SECONDS);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(channel::close);
        link.answerChannelClose();
        closing.get(10, TimeUnit.SECONDS);
    }

    @Test
    void nackOfAMandatoryMessageAwaitsItsReturnExceptOnRabbitMq() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Confirmation> returned =
                    client.connection().producer().publishAsync("back", PLAIN.mandatory(true));
            Published message = client.link().expectPublish();
            client.link().nack(message.channel(), 1);
            client.link().returnUnroutable(message);
            assertThat(PublishOutcome.failure(returned)).isInstanceOf(UnroutableException.class);
        }
        broker.product("RabbitMQ");
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Confirmation> nacked =
                    client.connection().producer().publishAsync("nacked", PLAIN.mandatory(true));
            // Its deadline is shorter than the 5 s that the client waits for the return after a nack.
            CompletableFuture<Confirmation> unconfirmed =
                    client.connection().producer().publishAsync("unconfirmed", PLAIN.timeout(Duration.ofSeconds(4)));
            client.link().nack(client.link().expectPublishes("nacked", "unconfirmed"), 1);
            assertThat(PublishOutcome.failure(nacked)).isInstanceOf(NackedException.class);
            assertThat(unconfirmed).isNotDone();
        }
    }
}
