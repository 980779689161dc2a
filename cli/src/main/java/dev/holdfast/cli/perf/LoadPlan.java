package dev.holdfast.cli.perf;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.Transport;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The validated load of a run.
 *
 * @param messages maximum number of messages after the warm-up
 * @param seconds maximum duration after the warm-up; null for no limit
 * @param warmup number of messages before the measurement
 * @param size size of a body in bytes
 * @param window maximum unconfirmed messages a connection, or the prefetch of a consumer
 * @param threads publishing threads or consumers, of all connections
 * @param rate messages a second of all threads; 0 for no limit
 */
record LoadPlan(
        long messages,
        @Nullable Duration seconds,
        long warmup,
        int size,
        int window,
        boolean confirms,
        int connections,
        int threads,
        boolean virtualThreads,
        double rate,
        Transport transport) {

    /** Applies transport, confirms and window to the options of a connection. */
    ConnectionOptions apply(ConnectionOptions options) {
        return options.transport(transport).confirms(confirms).maxUnconfirmed(window);
    }
}
