package dev.holdfast.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition that another thread or process makes true. */
public final class Await {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

    private Await() {}

    /** Returns when the condition holds; fails with this description after 30 s. */
    public static void until(String description, Callable<Boolean> condition) throws Exception {
        until(description, LIMIT, condition);
    }

    /** Returns when the condition holds; fails with this description after the limit. */
    public static void until(String description, Duration limit, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit.toSeconds() + " s: " + description);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
