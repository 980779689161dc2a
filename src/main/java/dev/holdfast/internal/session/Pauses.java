package dev.holdfast.internal.session;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Sleeps that end early when a link opens or the session closes. Thread-safe, begun on the event loop. */
final class Pauses {
    private final List<CompletableFuture<Void>> sleeping = new CopyOnWriteArrayList<>();

    CompletableFuture<Void> begin(EventLoop loop, Duration length) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        sleeping.add(over);
        Future<?> timer = loop.schedule(() -> over.complete(null), length.toNanos(), TimeUnit.NANOSECONDS);
        over.whenComplete((done, error) -> {
            sleeping.removeIf(each -> each == over);
            boolean unused = timer.cancel(false);
        });
        return over;
    }

    void end() {
        sleeping.forEach(over -> over.complete(null));
    }
}
