package dev.holdfast.cli.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Confirmation;
import dev.holdfast.NackedException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.UnroutableException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutcomeCounterTest {
    private final OutcomeCounter counts = new OutcomeCounter();

    private void begin(int messages) {
        for (int i = 0; i < messages; i++) {
            assertThat(counts.begin()).isTrue();
        }
    }

    private void assertSummary(PublishSummary expected) {
        assertThat(counts.summary())
                .usingRecursiveComparison()
                .ignoringFields("seconds")
                .isEqualTo(expected);
    }

    @Test
    void countsEachMessageUnderOneOutcomeAndItsRetries() {
        begin(6);
        counts.confirmed(1, Confirmation.ONE);
        counts.confirmed(2, Confirmation.of(3));
        counts.failed(new UnroutableException(312, "NO_ROUTE", "x", "k"));
        counts.failed(new NackedException("x", "k"));
        counts.failed(new RetriesExhaustedException(5, new NackedException("x", "k"), DeliveryStatus.NOT_SENT));
        counts.failed(new AmqpChannelException("refused", 404, 60, "basic.publish", false));
        assertSummary(new PublishSummary(6, 6, 2, 1, 2, 1, 0, 6, 2, 0));
        assertThat(counts.summary().allConfirmed()).isFalse();
    }

    @Test
    void messagesThatWereNeverSentAreFailedAndNotPublished() {
        begin(3);
        assertThat(counts.rejected()).isTrue();
        counts.failed(new PublishException("not sent: lost", null, DeliveryStatus.NOT_SENT));
        counts.failed(new AmqpChannelException("refused", 406, 50, "queue.declare", false));
        counts.failed(new IllegalArgumentException("body: null"));
        assertSummary(new PublishSummary(4, 0, 0, 0, 0, 4, 0, 0, 0, 0));
    }

    @Test
    void messagesThatMayBeInAQueueAreUnknown() throws InterruptedException {
        begin(4);
        counts.confirmed(2, Confirmation.ONE);
        counts.failed(new PublishException("sent but not confirmed: lost", null, DeliveryStatus.UNKNOWN));
        // An earlier attempt is in doubt, whatever the last one came to.
        counts.failed(new RetriesExhaustedException(2, new NackedException("x", "k"), DeliveryStatus.UNKNOWN));
        assertThat(counts.await(Duration.ZERO)).isFalse();
        assertSummary(new PublishSummary(4, 4, 1, 0, 0, 0, 3, 1, 0, 0));
    }

    @Test
    void noMessageBeginsAfterTheEnd() throws InterruptedException {
        begin(1);
        counts.end();
        assertThat(counts.begin()).isFalse();
        assertThat(counts.rejected()).isFalse();
        assertThat(counts.pending()).isEqualTo(1);
        counts.confirmed(1, Confirmation.ONE);
        assertThat(counts.await(Duration.ZERO)).isTrue();
        assertSummary(new PublishSummary(1, 1, 1, 0, 0, 0, 0, 0, 1, 0));
    }

    @Test
    void formatsTheSummaryAsOneLineOfJson() {
        assertThat(new PublishSummary(5, 4, 3, 1, 0, 1, 0, 2, 1, 1.5).json())
                .isEqualTo("{\"published\":4,\"confirmed\":3,\"returned\":1,\"nacked\":0,\"failed\":1,\"unknown\":0,"
                        + "\"retried\":2,\"read\":5,\"confirmed_up_to\":1,\"seconds\":1.500,"
                        + "\"messages_per_second\":2.0}");
    }

    @Test
    void rateIsZeroWithoutMessages() {
        PublishSummary nothing = counts.summary();
        assertThat(nothing.allConfirmed()).isTrue();
        assertThat(nothing.messagesPerSecond()).isZero();
    }
}
