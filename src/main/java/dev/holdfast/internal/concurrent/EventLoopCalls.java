package dev.holdfast.internal.concurrent;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Runs an asynchronous operation on an event loop, called from any thread, and returns its result as a future. */
public final class EventLoopCalls {
    private EventLoopCalls() {}

    /**
     * Whether the current thread is this loop or another of its group. What waits there for a connection of the group
     * could wait for itself, and stops other connections.
     */
    public static boolean isOnGroupOf(EventLoop loop) {
        EventLoopGroup group = loop.parent();
        if (loop.inEventLoop() || group == null) {
            return loop.inEventLoop();
        }
        for (EventExecutor each : group) {
            if (each.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Starts the operation on the loop. The returned future completes with its result, or fails with what it throws.
     */
    public static <T> CompletableFuture<T> call(EventLoop loop, Supplier<CompletableFuture<T>> operation) {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            loop.execute(() -> start(operation, done));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(
                    new AmqpConnectionException("connection is closed", null, 0, Initiator.CLIENT, false));
        }
        return done;
    }

    private static <T> void start(Supplier<CompletableFuture<T>> operation, CompletableFuture<T> done) {
        try {
            operation.get().whenComplete((result, error) -> {
                if (error == null) {
                    done.complete(result);
                } else {
                    done.completeExceptionally(error);
                }
            });
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
        }
    }

    /**
     * Fails the future with an {@link AmqpTimeoutException} after {@code rpcTimeout}.
     *
     * @return the same future
     */
    public static <T> CompletableFuture<T> withTimeout(
            EventLoop loop, Duration rpcTimeout, CompletableFuture<T> future, String failure) {
        return withTimeout(loop, rpcTimeout, future, () -> timeout(failure, rpcTimeout));
    }

    /** Fails the future with this exception after {@code rpcTimeout}; returns the same future. */
    public static <T> CompletableFuture<T> withTimeout(
            EventLoop loop, Duration rpcTimeout, CompletableFuture<T> future, Supplier<AmqpTimeoutException> failure) {
        if (!future.isDone()) {
            Runnable timeout = () -> future.completeExceptionally(failure.get());
            Future<?> timer = loop.schedule(timeout, rpcTimeout.toMillis(), TimeUnit.MILLISECONDS);
            future.whenComplete((done, error) -> timer.cancel(false));
        }
        return future;
    }

    /** The exception for what did not happen within {@code rpcTimeout}. */
    public static AmqpTimeoutException timeout(String failure, Duration rpcTimeout) {
        return new AmqpTimeoutException(
                failure + " after " + rpcTimeout.toMillis() + " ms (ConnectionOptions.rpcTimeout)");
    }
}
