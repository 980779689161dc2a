package dev.holdfast.cli.publish;

import java.util.Locale;

/**
 * The numbers of messages by outcome.
 *
 * @param read messages read or generated: the sum of confirmed, returned, nacked, failed and unknown
 * @param published messages that were sent, or may have been
 * @param failed messages that are in no queue for another reason: never sent, or refused with an error
 * @param unknown messages that were sent and have no outcome: they may be in a queue
 * @param retried further attempts, summed over all messages
 * @param confirmedUpTo how many messages from the first are all confirmed
 * @param seconds from the first message to the last outcome
 */
public record PublishSummary(
        long read,
        long published,
        long confirmed,
        long returned,
        long nacked,
        long failed,
        long unknown,
        long retried,
        long confirmedUpTo,
        double seconds) {

    /** The summary of a run that ended before the first message. */
    static final PublishSummary NONE = new PublishSummary(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public boolean allConfirmed() {
        return confirmed == read;
    }

    /** Returns confirmed messages a second; 0 if no time has passed. */
    public double messagesPerSecond() {
        return seconds > 0 ? confirmed / seconds : 0;
    }

    /** Returns the line of {@code --json}. */
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"published\":%d,\"confirmed\":%d,\"returned\":%d,\"nacked\":%d,\"failed\":%d,\"unknown\":%d,"
                        + "\"retried\":%d,\"read\":%d,\"confirmed_up_to\":%d,\"seconds\":%.3f,"
                        + "\"messages_per_second\":%.1f}",
                published,
                confirmed,
                returned,
                nacked,
                failed,
                unknown,
                retried,
                read,
                confirmedUpTo,
                seconds,
                messagesPerSecond());
    }

    /** Returns the counts as text. */
    String text() {
        return String.format(
                Locale.ROOT,
                "%,d read, %,d published, %,d confirmed, %,d returned, %,d nacked, %,d failed, %,d unknown,"
                        + " %,d retried in %.3f s: %,.0f messages/s",
                read,
                published,
                confirmed,
                returned,
                nacked,
                failed,
                unknown,
                retried,
                seconds,
                messagesPerSecond());
    }
}
