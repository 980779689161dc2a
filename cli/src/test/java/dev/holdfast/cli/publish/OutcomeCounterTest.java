package dev.holdfast.cli.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Confirmation;
import dev.holdfast.NackedException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.UnroutableException;
import org.junit.jupiter.api.Test;

class OutcomeCounterTest {
    @Test
    void countsEachMessageUnderOneOutcomeAndItsRetries() {
        OutcomeCounter counts = new OutcomeCounter();
        for (int i = 0; i < 7; i++) {
            counts.published();
        }
        counts.confirmed(Confirmation.ONE);
        counts.confirmed(Confirmation.of(3));
        counts.failed(new UnroutableException(312, "NO_ROUTE", "x", "k"));
        counts.failed(new NackedException("x", "k"));
        counts.failed(new RetriesExhaustedException(5, new NackedException("x", "k"), DeliveryStatus.NOT_SENT));
        counts.failed(new PublishException("not sent: lost", null, DeliveryStatus.NOT_SENT));
        counts.rejected();
        PublishSummary summary = counts.summary();
        assertThat(summary)
                .usingRecursiveComparison()
                .ignoringFields("seconds")
                .isEqualTo(new PublishSummary(7, 2, 1, 2, 2, 6, 0));
        assertThat(summary.allConfirmed()).isFalse();
    }

    @Test
    void formatsTheSummaryAsOneLineOfJson() {
        assertThat(new PublishSummary(4, 3, 1, 0, 0, 2, 1.5).json())
                .isEqualTo("{\"published\":4,\"confirmed\":3,\"returned\":1,\"nacked\":0,\"failed\":0,\"retried\":2,"
                        + "\"seconds\":1.500,\"messages_per_second\":2.0}");
    }

    @Test
    void rateIsZeroWithoutMessages() {
        PublishSummary nothing = new OutcomeCounter().summary();
        assertThat(nothing.allConfirmed()).isTrue();
        assertThat(nothing.messagesPerSecond()).isZero();
    }
}
