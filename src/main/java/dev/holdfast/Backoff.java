package dev.holdfast;

import java.time.Duration;

/** How long to wait before a retry. Called from several threads. */
@FunctionalInterface
public interface Backoff {
    /**
     * Returns how long to wait before the given retry; not negative.
     *
     * @param retry 1 for the first retry, which follows the first attempt
     */
    Duration delay(int retry);
}
