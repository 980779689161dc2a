package dev.holdfast.internal.outbound;

import dev.holdfast.ConnectionStatistics;
import java.time.Duration;

/** Counts the publishes of a connection for {@link ConnectionStatistics}. Guarded by the log's lock. */
public final class Counters {
    private long published;
    private long publishedBytes;
    private long confirmed;
    private long nacked;
    private long returned;
    private long failed;
    private long retried;
    private long replayed;

    Counters() {}

    /** Counts one publish that was appended with this encoded length. */
    public void published(long bytes) {
        published++;
        publishedBytes += bytes;
    }

    public void confirmed(long messages) {
        confirmed += messages;
    }

    public void nacked(long messages) {
        nacked += messages;
    }

    public void returned(long messages) {
        returned += messages;
    }

    public void failed(long messages) {
        failed += messages;
    }

    public void retried(long messages) {
        retried += messages;
    }

    public void replayed(long messages) {
        replayed += messages;
    }

    /** How many confirms, nacks and returns the broker has sent. */
    public long answered() {
        return confirmed + nacked + returned;
    }

    ConnectionStatistics statistics(long connects, Duration blockedTime, long droppedDeliveries) {
        return new ConnectionStatistics(
                published,
                publishedBytes,
                confirmed,
                nacked,
                returned,
                failed,
                retried,
                replayed,
                published - confirmed - failed,
                connects,
                blockedTime,
                droppedDeliveries);
    }
}
