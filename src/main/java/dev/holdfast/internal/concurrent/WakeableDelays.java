package dev.holdfast.internal.concurrent;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Delays that end early when a link opens, the session closes or the caller completes them. Thread-safe. */
public final class WakeableDelays {
    private final Set<CompletableFuture<Void>> running = ConcurrentHashMap.newKeySet();

    /** Completes {@code over} after this time; its timer is cancelled if it completes before. */
    @SuppressWarnings("CollectionUndefinedEquality") // identity is intended
    public void start(EventLoop loop, Duration length, CompletableFuture<Void> over) {
        running.add(over);
        Future<?> timer = loop.schedule(() -> over.complete(null), length.toNanos(), TimeUnit.NANOSECONDS);
        over.whenComplete((done, error) -> {
            running.remove(over);
            boolean unused = timer.cancel(false);
        });
    }

    /** Whether a delay is not over. */
    public boolean isRunning() {
        return !running.isEmpty();
    }

    /** Completes all delays. */
    public void wakeAll() {
        List.copyOf(running).forEach(over -> over.complete(null));
    }
}
