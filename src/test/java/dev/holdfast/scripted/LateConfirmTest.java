package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A confirm that is late ends one attempt of one message. */
class LateConfirmTest extends ScriptedTest {
    private static final PublishOptions BRIEF = WITH_RETRY.confirmTimeout(Duration.ofSeconds(1));

    @Test
    void lateMessageIsRetriedOnAChannelThatAnswers() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> late = producer.publishAsync("late", BRIEF);
            CompletableFuture<Confirmation> quick = producer.publishAsync("quick", NO_RETRY);
            CompletableFuture<Confirmation> slow = producer.publishAsync("slow", NO_RETRY);
            CompletableFuture<Confirmation> retrying = producer.publishAsync("retrying", WITH_RETRY);
            int channel = link.expectPublishes("late", "quick", "slow", "retrying");
            link.expectSilence(100);
            link.ack(channel, 2);
            PublishOutcome.confirmed(quick);
            assertThat(link.expectPublishes("late")).isEqualTo(channel);
            link.ack(channel, 1); // too late
            link.expectSilence(50);
            assertThat(late).isNotDone();
            link.ackAllUpTo(channel, 4);
            assertThat(PublishOutcome.confirmed(slow).attempts()).isEqualTo(1);
            assertThat(PublishOutcome.confirmed(retrying).attempts()).isEqualTo(1);
            link.ack(channel, 5);
            assertThat(PublishOutcome.confirmed(late).attempts()).isEqualTo(2);
        }
    }

    @Test
    void stalledChannelIsReplacedWhenNoMessageWithoutAPolicyWaits() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> late = producer.publishAsync("late", BRIEF);
            CompletableFuture<Confirmation> once =
                    producer.publishAsync("once", NO_RETRY.confirmTimeout(Duration.ofSeconds(3)));
            int channel = link.expectPublishes("late", "once");
            link.expectSilence(1500);
            CompletableFuture<Confirmation> next = producer.publishAsync("next", NO_RETRY);
            link.expectSilence(500); // a stalled channel gets no new message
            assertThat(once).isNotDone();
            Received<ChannelMethods.Close> close = link.expect(ChannelMethods.Close.class);
            assertThat(PublishOutcome.failed(once, DeliveryStatus.UNKNOWN)).hasMessageContaining("confirmTimeout");
            assertThat(close.channel()).isEqualTo(channel);
            close.reply(ChannelMethods.CloseOk.INSTANCE);
            link.openConfirming();
            link.ackAllUpTo(link.expectPublishes("late", "next"), 2);
            assertThat(PublishOutcome.confirmed(late).attempts()).isEqualTo(2);
            assertThat(PublishOutcome.confirmed(next).attempts()).isEqualTo(1);
        }
    }

    @Test
    void stalledChannelThatAnswersInTimeStays() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> late = producer.publishAsync("late", BRIEF);
            CompletableFuture<Confirmation> other = producer.publishAsync("other", BRIEF);
            CompletableFuture<Confirmation> once = producer.publishAsync("once", NO_RETRY);
            int channel = link.expectPublishes("late", "other", "once");
            link.expectSilence(1500);
            CompletableFuture<Confirmation> next = producer.publishAsync("next", NO_RETRY);
            link.ack(channel, 1);
            assertThat(PublishOutcome.confirmed(late).attempts()).isEqualTo(1);
            link.expectPublishes("next", "other");
            link.ackAllUpTo(channel, 5);
            assertThat(PublishOutcome.confirmed(other).attempts()).isEqualTo(2);
            assertThat(PublishOutcome.confirmed(once).attempts()).isEqualTo(1);
            assertThat(PublishOutcome.confirmed(next).attempts()).isEqualTo(1);
        }
    }

    /** The broker owes a confirm for as long as it may owe channel.close-ok: closing the channel shows nothing more. */
    @Test
    void silentLinkIsGivenUpWithTheChannel() throws Exception {
        try (Client client = broker.connect(broker.options().rpcTimeout(Duration.ofMillis(900)))) {
            CompletableFuture<Confirmation> late =
                    client.connection().producer().publishAsync("late", BRIEF);
            client.link().expectPublishes("late");
            assertThat(catchThrowable(client.link()::next)).isInstanceOf(UncheckedIOException.class);
            ScriptedLink second = broker.acceptRestored();
            second.ack(second.expectPublishes("late"), 1);
            assertThat(PublishOutcome.confirmed(late).attempts()).isEqualTo(2);
        }
    }

    /** A stopped broker, by the ratios of the defaults: equal confirmTimeout and rpcTimeout, a longer heartbeat. */
    @Test
    void linkThatIsSilentForOneConfirmTimeoutIsLeftWithoutAskingToCloseTheChannel() throws Exception {
        Duration limit = Duration.ofMillis(900);
        ConnectionOptions options = broker.options()
                .heartbeat(ConnectionOptions.defaults().heartbeat())
                .confirmTimeout(limit)
                .rpcTimeout(limit);
        assertThat(ConnectionOptions.defaults().confirmTimeout())
                .isEqualTo(ConnectionOptions.defaults().rpcTimeout());
        try (Client client = broker.connect(options)) {
            CompletableFuture<Confirmation> late =
                    client.connection().producer().publishAsync("late", WITH_RETRY);
            client.link().expectPublishes("late");
            assertThat(catchThrowable(client.link()::next)).isInstanceOf(UncheckedIOException.class);
            ScriptedLink second = broker.acceptRestored();
            second.ack(second.expectPublishes("late"), 1);
            assertThat(PublishOutcome.confirmed(late).attempts()).isEqualTo(2);
        }
    }

    @Test
    void silentLinkIsNotGivenUpAtOnceWhileAnotherChannelWaits() throws Exception {
        try (Client client = broker.connect(broker.options().rpcTimeout(Duration.ofSeconds(2)))) {
            ScriptedLink link = client.link();
            Producer other = client.producerWithChannel();
            CompletableFuture<Confirmation> once = other.publishAsync("once", NO_RETRY);
            int otherChannel = link.expectPublishes("once");
            CompletableFuture<Confirmation> late = client.connection()
                    .producer()
                    .publishAsync("late", WITH_RETRY.confirmTimeout(Duration.ofMillis(2200)));
            link.expectPublishes("late");
            Received<ChannelMethods.Close> close = link.expect(ChannelMethods.Close.class);
            link.ack(otherChannel, 1);
            PublishOutcome.confirmed(once);
            close.reply(ChannelMethods.CloseOk.INSTANCE);
            link.openConfirming();
            link.ack(link.expectPublishes("late"), 1);
            PublishOutcome.confirmed(late);
        }
    }

    @Test
    void attemptWithoutAPolicyThatWaitedForALinkKeepsItsDeadline() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            client.link().cut();
            ScriptedLink second = broker.accept();
            Received<ChannelMethods.Open> first = second.expect(ChannelMethods.Open.class);
            CompletableFuture<Confirmation> waited =
                    producer.publishAsync("waited", NO_RETRY.confirmTimeout(Duration.ofSeconds(2)));
            Received<ChannelMethods.Open> next = second.expect(ChannelMethods.Open.class);
            second.expectSilence(1500);
            first.reply(ChannelMethods.OpenOk.INSTANCE);
            next.reply(ChannelMethods.OpenOk.INSTANCE);
            second.expect(ConfirmMethods.Select.class).reply(ConfirmMethods.SelectOk.INSTANCE);
            second.expectPublishes("waited");
            CompletableFuture<Confirmation> sent =
                    producer.publishAsync("sent", NO_RETRY.confirmTimeout(Duration.ofMillis(1500)));
            PublishOutcome.failed(waited, DeliveryStatus.UNKNOWN);
            assertThat(sent).as("the one that was published later").isNotDone();
        }
    }
}
