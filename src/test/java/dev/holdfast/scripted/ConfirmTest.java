package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.NackedException;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.RetryPolicy;
import dev.holdfast.UnroutableException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Outcomes of publishes after acks, nacks, returns and missing confirms. */
class ConfirmTest extends ScriptedTest {
    @Test
    void nackedPublishIsRetriedAfterItsDelayBehindNewerOnes() throws Exception {
        RetryPolicy policy = RetryPolicy.linear(Duration.ofMillis(200), Duration.ZERO, Duration.ofMillis(200))
                .maxRetries(3);
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> nacked = producer.publishAsync("nacked", NO_RETRY.retry(policy));
            int channel = link.expectPublish().channel();
            link.nack(channel, 1);
            link.expectSilence(50);
            CompletableFuture<Confirmation> next = producer.publishAsync("next", WITH_RETRY);
            assertThat(link.expectPublish().text()).isEqualTo("next");
            assertThat(link.expectPublish().text()).isEqualTo("nacked");
            link.ackAllUpTo(channel, 3);
            assertThat(PublishOutcome.confirmed(nacked).attempts()).isEqualTo(2);
            assertThat(PublishOutcome.confirmed(next).attempts()).isEqualTo(1);
        }
    }

    @Test
    void nackWithoutAPolicyFailsWithNackedException() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Confirmation> publish =
                    client.connection().producer().publishAsync("body", NO_RETRY);
            client.link().nack(client.link().expectPublish().channel(), 1);
            assertThat(PublishOutcome.failure(publish))
                    .isInstanceOf(NackedException.class)
                    .hasMessageContaining("q");
        }
    }

    @Test
    void repeatedNacksExhaustTheRetries() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Confirmation> publish =
                    client.connection().producer().publishAsync("body", NO_RETRY.retry(NO_DELAY.maxRetries(2)));
            for (int tag = 1; tag <= 3; tag++) {
                client.link().nack(client.link().expectPublish().channel(), tag);
            }
            RetriesExhaustedException failure =
                    (RetriesExhaustedException) PublishOutcome.failed(publish, DeliveryStatus.UNKNOWN);
            assertThat(failure.attempts()).isEqualTo(3);
            assertThat(failure).hasCauseInstanceOf(NackedException.class);
        }
    }

    @Test
    void confirmTimeoutWithoutAPolicyIsUnknownAndFreesTheWindow() throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmed(1))) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> late =
                    producer.publishAsync("late", NO_RETRY.confirmTimeout(Duration.ofSeconds(1)));
            int channel = link.expectPublish().channel();
            PublishException failure = PublishOutcome.failed(late, DeliveryStatus.UNKNOWN);
            assertThat(failure).hasCauseInstanceOf(AmqpTimeoutException.class).hasMessageContaining("confirmTimeout");
            CompletableFuture<Confirmation> next = producer.publishAsync("next", NO_RETRY);
            link.expectPublish();
            link.ack(channel, 1);
            link.expectSilence(50);
            assertThat(next).isNotDone();
            link.ack(channel, 2);
            assertThat(PublishOutcome.confirmed(next).attempts()).isEqualTo(1);
        }
    }

    @Test
    void confirmTimeoutWithAPolicyRetransmitsOnANewChannel() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> late =
                    producer.publishAsync("late", WITH_RETRY.confirmTimeout(Duration.ofSeconds(1)));
            CompletableFuture<Confirmation> neighbour = producer.publishAsync("neighbour", WITH_RETRY);
            int channel = link.expectPublish().channel();
            link.expectPublish();
            Received<ChannelMethods.Close> close = link.expect(ChannelMethods.Close.class);
            assertThat(close.channel()).isEqualTo(channel);
            link.ack(channel, 1); // too late: the channel is closing
            link.expectSilence(50);
            assertThat(late).isNotDone();
            close.reply(ChannelMethods.CloseOk.INSTANCE);
            link.openConfirming();
            Published retransmitted = link.expectPublish();
            assertThat(retransmitted.text()).isEqualTo("late");
            assertThat(link.expectPublish().text()).isEqualTo("neighbour");
            link.ackAllUpTo(retransmitted.channel(), 2);
            assertThat(PublishOutcome.confirmed(late).attempts()).isEqualTo(2);
            assertThat(PublishOutcome.confirmed(neighbour).attempts()).isEqualTo(2);
        }
    }

    @Test
    void deadlineCountsFromItsOwnPublish() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Channel other = client.channel();
            Producer producer = client.connection().producer();
            CompletableFuture<CompletableFuture<Confirmation>> second = producer.publishAsync("first", NO_RETRY)
                    .thenApply(done -> {
                        other.publish(new byte[1], NO_RETRY); // on the I/O thread: stays pending while this runs
                        return producer.publishAsync("second", NO_RETRY.confirmTimeout(Duration.ofMillis(900)));
                    });
            int channel = link.expectPublish().channel();
            link.expectSilence(1000);
            link.ack(channel, 1);
            link.expectPublish();
            assertThat(link.expectPublish().text()).isEqualTo("second");
            link.ack(channel, 2);
            PublishOutcome.confirmed(second.get());
        }
    }

    @Test
    void ackOfAnUnsentTagClosesTheConnection() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Confirmation> publish =
                    client.connection().producer().publishAsync("body", NO_RETRY);
            int channel = client.link().expectPublish().channel();
            client.link().ack(channel, 2);
            Received<ConnectionMethods.Close> close = client.link().expect(ConnectionMethods.Close.class);
            assertThat(close.method().replyText()).contains("delivery tag 2");
            PublishException failure = PublishOutcome.failed(publish, DeliveryStatus.UNKNOWN);
            assertThat(failure)
                    .hasMessageContaining("delivery tag 2")
                    .hasRootCauseInstanceOf(AmqpProtocolException.class);
        }
    }

    /** On a later link tag and window position differ. The largest tag must not wrap around to an old position. */
    @Test
    void largestTagIsRefusedOnALaterLink() throws Exception {
        List<Method> violations = List.of(
                new BasicMethods.Ack(Long.MAX_VALUE, false),
                new BasicMethods.Ack(Long.MAX_VALUE, true),
                new BasicMethods.Nack(Long.MAX_VALUE, false, false),
                new BasicMethods.Nack(Long.MAX_VALUE, true, false));
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            for (Method violation : violations) {
                CompletableFuture<Confirmation> first =
                        client.connection().producer().publishAsync("1", NO_RETRY);
                CompletableFuture<Confirmation> second =
                        client.connection().producer().publishAsync("2", NO_RETRY);
                link.expectPublish();
                link.ackAllUpTo(link.expectPublish().channel(), 2);
                PublishOutcome.confirmed(first);
                PublishOutcome.confirmed(second);
                link.cut();
                link = broker.acceptRestored();
                link.send(client.publishChannel(), violation);
                assertThat(link.expectConnectionClose().replyCode()).isEqualTo(406);
                link.cut();
                link = broker.acceptRestored();
            }
        }
    }

    @Test
    void acksBeforeAViolationAreApplied() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            List<CompletableFuture<Confirmation>> publishes = IntStream.range(0, 300)
                    .mapToObj(i -> producer.publishAsync("body", NO_RETRY))
                    .toList();
            int channel = client.link().expectPublishes(300);
            for (int tag = 1; tag <= 301; tag++) { // the client reads many of them at once
                client.link().ack(channel, tag);
            }
            client.link().expect(ConnectionMethods.Close.class);
            PublishOutcome.allConfirmed(publishes);
        }
    }

    @Test
    void ackOfTagZeroConfirmsAllSentMessages() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> first = producer.publishAsync("first", NO_RETRY);
            CompletableFuture<Confirmation> second = producer.publishAsync("second", NO_RETRY);
            int channel = client.link().expectPublish().channel();
            client.link().expectPublish();
            client.link().ackAllUpTo(channel, 0);
            PublishOutcome.confirmed(first);
            PublishOutcome.confirmed(second);
        }
    }

    @Test
    void returnBeforeTheAckIsUnroutable() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> routed = producer.publishAsync("routed", NO_RETRY.mandatory(true));
            CompletableFuture<Confirmation> returned = producer.publishAsync("returned", WITH_RETRY.mandatory(true));
            Published first = link.expectPublish();
            Published second = link.expectPublish();
            link.returnUnroutable(second);
            link.ackAllUpTo(first.channel(), 2);
            PublishOutcome.confirmed(routed);
            assertUnroutable(returned);
        }
    }

    @Test
    void returnAfterTheNackIsUnroutable() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> first = producer.publishAsync("same", WITH_RETRY.mandatory(true));
            CompletableFuture<Confirmation> second = producer.publishAsync("same", WITH_RETRY.mandatory(true));
            Published published = link.expectPublish();
            link.expectPublish();
            link.nack(published.channel(), 1);
            link.returnUnroutable(published);
            link.nack(published.channel(), 2);
            link.returnUnroutable(published);
            assertUnroutable(first);
            assertUnroutable(second);
            link.expectSilence(50);
        }
    }

    @Test
    void mandatoryMessageIsNackedWhenNoReturnFollows() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> nacked = producer.publishAsync("nacked", NO_RETRY.mandatory(true));
            CompletableFuture<Confirmation> acked = producer.publishAsync("acked", NO_RETRY.mandatory(true));
            int channel = link.expectPublish().channel();
            link.expectPublish();
            link.sendTogether(channel, new BasicMethods.Nack(1, false, false), new BasicMethods.Ack(2, false));
            PublishOutcome.confirmed(acked);
            assertThat(nacked).as("settled by the frame that was no return").isDone();
            assertThat(PublishOutcome.failure(nacked)).isInstanceOf(NackedException.class);
        }
    }

    @Test
    void manyPublishesAwaitTheirConfirmsConcurrently() throws Exception {
        int count = 1000;
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<List<CompletableFuture<Confirmation>>> publishing =
                    CompletableFuture.supplyAsync(() -> IntStream.range(0, count)
                            .mapToObj(i -> producer.publishAsync("body " + i, NO_RETRY))
                            .toList());
            int channel = 0;
            for (int i = 0; i < count; i++) {
                Published published = link.expectPublish();
                assertThat(published.text()).isEqualTo("body " + i);
                channel = published.channel();
            }
            List<CompletableFuture<Confirmation>> publishes = publishing.get();
            assertThat(publishes).noneMatch(CompletableFuture::isDone);
            link.ackAllUpTo(channel, count - 1);
            for (CompletableFuture<Confirmation> published : publishes.subList(0, count - 1)) {
                assertThat(PublishOutcome.confirmed(published).attempts()).isEqualTo(1);
            }
            assertThat(publishes.get(count - 1)).isNotDone();
            link.ack(channel, count);
            PublishOutcome.confirmed(publishes.get(count - 1));
        }
    }

    private static void assertUnroutable(CompletableFuture<Confirmation> publish) {
        assertThat(PublishOutcome.failure(publish))
                .isInstanceOf(UnroutableException.class)
                .hasMessageContaining("NO_ROUTE");
    }
}
