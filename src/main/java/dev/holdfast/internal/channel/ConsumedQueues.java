package dev.holdfast.internal.channel;

/** The queues of a session, as its consumers see them. Event loop only, except for {@link #currentName}. */
public interface ConsumedQueues {
    /** The present name of a queue: a server-named queue gets a new name on every link. Any thread. */
    String currentName(String queue);

    /** A consumer of this queue is requested. */
    void consumerAdded(String queue);

    /** A requested consumer was not started. */
    void consumerNotStarted(String queue);

    /**
     * A requested consumer of this queue has ended.
     *
     * @param deleted whether the broker has said that the queue does not exist
     */
    void consumerEnded(String queue, boolean deleted);
}
