package dev.holdfast.internal.channel;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.internal.topology.RestoreRetries;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The queues of a session, as its consumers see them. Event loop only, except for methods that say "any thread". */
public interface ConsumedQueues {
    /** The present name of a queue: a server-named queue gets a new name on every link. Any thread. */
    String currentName(String queue);

    /**
     * The name under which the queue is known for good: the first name of a server-named queue, whose later names are
     * forgotten in time. Any thread.
     */
    String lastingName(String queue);

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

    /** Whether the queue is known to be a stream. Any thread. */
    boolean isStream(String queue);

    /** Why the queue, its exchange or a binding is not restored on this link, while that is tried again; else null. */
    @Nullable
    AmqpChannelException restoreFailure(String queue);

    /** Fails if the broker would refuse a consumer of this queue now. Has no effect on other consumers. */
    CompletableFuture<Void> checkConsumable(String queue, boolean exclusive);

    /** When a consumer is tried again that the broker refused to restore. Any thread. */
    RestoreRetries.Policy restorePolicy();
}
