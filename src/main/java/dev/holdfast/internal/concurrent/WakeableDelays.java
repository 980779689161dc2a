package dev.holdfast.internal.concurrent;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Sleeps that end early when a link opens, the session closes or the sleeper has no use for them. Thread-safe. */
public final class WakeableDelays {
    private final Set<CompletableFuture<Void>> sleeping = ConcurrentHashMap.newKeySet();

    /** Completes {@code over} when the time is over; nothing stays of a pause that was completed before. */
    @SuppressWarnings("CollectionUndefinedEquality") // identity is what is meant
    public void start(EventLoop loop, Duration length, CompletableFuture<Void> over) {
        sleeping.add(over);
        Future<?> timer = loop.schedule(() -> over.complete(null), length.toNanos(), TimeUnit.NANOSECONDS);
        over.whenComplete((done, error) -> {
            sleeping.remove(over);
            boolean unused = timer.cancel(false);
        });
    }

    public void wakeAll() {
        List.copyOf(sleeping).forEach(over -> over.complete(null));
    }
}
