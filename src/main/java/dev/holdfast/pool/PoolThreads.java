package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.EventLoops;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of a pool's connections: those of the options, else some that the pool owns.
 *
 * @param options with event loops
 * @param owned the event loops that end with the pool
 */
record PoolThreads(ConnectionOptions options, @Nullable EventLoops owned) {
    /** Creates event loops for this number of connections, unless the options name some. */
    static PoolThreads of(ConnectionOptions options, int connections) {
        requireNonNull(options, "options");
        if (options.eventLoops() != null) {
            return new PoolThreads(options, null);
        }
        EventLoops owned = EventLoops.shared(
                Math.min(connections, Runtime.getRuntime().availableProcessors()), options.transport());
        return new PoolThreads(options.eventLoops(owned), owned);
    }

    /** Lets the threads end with the last connection. */
    void close() {
        if (owned != null) {
            owned.close();
        }
    }
}
