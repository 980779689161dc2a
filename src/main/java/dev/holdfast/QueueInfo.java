package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * What the broker tells of a queue when it is declared.
 *
 * @param name the queue's name, the broker's choice for a server-named one
 * @param messageCount how many messages are ready
 * @param consumerCount how many consumers there are
 */
public record QueueInfo(String name, long messageCount, long consumerCount) {
    /** Makes the value. */
    public QueueInfo {
        requireNonNull(name, "name");
    }
}
