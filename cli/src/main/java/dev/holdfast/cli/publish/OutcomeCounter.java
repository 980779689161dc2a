package dev.holdfast.cli.publish;

import dev.holdfast.Confirmation;
import dev.holdfast.NackedException;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.UnroutableException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts messages by outcome: each counts once as published and once under its outcome. Thread-safe. */
final class OutcomeCounter {
    private final AtomicLong published = new AtomicLong();
    private final LongAdder confirmed = new LongAdder();
    private final LongAdder returned = new LongAdder();
    private final LongAdder nacked = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private volatile long startNanos;

    void published() {
        if (published.getAndIncrement() == 0) {
            startNanos = System.nanoTime();
        }
    }

    void confirmed(Confirmation confirmation) {
        confirmed.increment();
        retried(confirmation.attempts());
    }

    void failed(Throwable failure) {
        Throwable cause = failure;
        if (failure instanceof RetriesExhaustedException exhausted) {
            retried(exhausted.attempts());
            cause = exhausted.getCause();
        }
        if (cause instanceof UnroutableException) {
            returned.increment();
        } else if (cause instanceof NackedException) {
            nacked.increment();
        } else {
            failed.increment();
        }
    }

    /** Counts a message that was rejected before it was sent as failed. */
    void rejected() {
        failed.increment();
    }

    private void retried(int attempts) {
        if (attempts > 1) {
            retried.add(attempts - 1L);
        }
    }

    /** Returns the counts so far. */
    PublishSummary summary() {
        double seconds = published.get() == 0 ? 0 : (System.nanoTime() - startNanos) / 1e9;
        return new PublishSummary(
                published.get(), confirmed.sum(), returned.sum(), nacked.sum(), failed.sum(), retried.sum(), seconds);
    }
}
