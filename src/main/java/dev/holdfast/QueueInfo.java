package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * The broker's reply to the declaration of a queue.
 *
 * @param name the name of the queue; for a server-named queue the name that the broker chose
 * @param messageCount the number of ready messages
 * @param consumerCount the number of consumers
 */
public record QueueInfo(String name, long messageCount, long consumerCount) {
    /** Checks that the name is not null. */
    public QueueInfo {
        requireNonNull(name, "name");
    }
}
