package dev.holdfast.cli.publish;

import java.util.Locale;

/**
 * The numbers of messages by outcome.
 *
 * @param published messages read or generated, including those rejected before they were sent
 * @param retried further attempts, summed over all messages
 * @param seconds from the first message to the last outcome
 */
public record PublishSummary(
        long published, long confirmed, long returned, long nacked, long failed, long retried, double seconds) {

    public boolean allConfirmed() {
        return confirmed == published;
    }

    /** Returns confirmed messages a second; 0 if no time has passed. */
    public double messagesPerSecond() {
        return seconds > 0 ? confirmed / seconds : 0;
    }

    /** Returns the line of {@code --json}. */
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"published\":%d,\"confirmed\":%d,\"returned\":%d,\"nacked\":%d,\"failed\":%d,\"retried\":%d,"
                        + "\"seconds\":%.3f,\"messages_per_second\":%.1f}",
                published,
                confirmed,
                returned,
                nacked,
                failed,
                retried,
                seconds,
                messagesPerSecond());
    }

    /** Returns the counts as text. */
    String text() {
        return String.format(
                Locale.ROOT,
                "%,d published, %,d confirmed, %,d returned, %,d nacked, %,d failed, %,d retried in %.3f s:"
                        + " %,.0f messages/s",
                published,
                confirmed,
                returned,
                nacked,
                failed,
                retried,
                seconds,
                messagesPerSecond());
    }
}
