package dev.holdfast.cli.publish;

import java.util.Locale;

/**
 * How many messages ended how.
 *
 * @param published how many were read, or made, to be published
 * @param retried how many further attempts were made, all messages together
 * @param seconds from the first message to the last outcome
 */
public record PublishSummary(
        long published, long confirmed, long returned, long nacked, long failed, long retried, double seconds) {

    public boolean allConfirmed() {
        return confirmed == published;
    }

    /** Confirmed messages a second. */
    public double messagesPerSecond() {
        return seconds > 0 ? confirmed / seconds : 0;
    }

    /** The line that {@code --json} ends with. */
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

    /** The same for people. */
    String text() {
        return String.format(
                Locale.ROOT,
                "%,d published, %,d confirmed, %,d returned, %,d nacked, %,d failed, %,d retried in %.3f s: %,.0f messages/s",
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
