package dev.holdfast.internal.publish;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.outbound.CompletionQueue;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.state.StopAndWait;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a connection that its publishers share.
 *
 * @param completions outcomes that are found under the log's lock. A method that takes the lock on the event loop
 *     completes them after it, for all publishers: one that ends a message may let another publisher send the next
 * @param stopAndWait searches for the publish that makes the broker close, on one channel or on all
 */
public record PublisherResources(OutboundLog log, CompletionQueue completions, StopAndWait stopAndWait) {
    /** The objects of a new connection. {@code completionExecutor} completes the futures of users, if set. */
    public static PublisherResources create(
            OutboundLog log, ConnectionOptions options, @Nullable Executor completionExecutor) {
        log.bytes().limit(options.maxUnconfirmedBytes());
        return new PublisherResources(log, new CompletionQueue(completionExecutor, log.counters()), new StopAndWait());
    }
}
