package dev.holdfast.cli.perf;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.Transport;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done.
 *
 * @param messages at most so many after the warm-up
 * @param seconds at most so long after the warm-up; null for no limit
 * @param rate messages a second; 0 for as many as there can be
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

    /** Applies what concerns the connection. */
    ConnectionOptions apply(ConnectionOptions options) {
        return options.transport(transport).confirms(confirms).maxUnconfirmed(window);
    }
}
