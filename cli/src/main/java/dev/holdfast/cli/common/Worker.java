package dev.holdfast.cli.common;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of a command on a daemon thread: a blocked read or write of a pipe cannot be interrupted, so the thread
 * that reports a stop must be another one.
 */
public final class Worker<T> {
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Thread thread;

    private Worker(String name, Callable<T> work) {
        thread = new Thread(
                () -> {
                    try {
                        boolean unused = result.complete(work.call());
                    } catch (Throwable e) {
                        boolean unused = result.completeExceptionally(e);
                    }
                },
                name);
        thread.setDaemon(true);
    }

    /** Starts the work. */
    public static <T> Worker<T> start(String name, Callable<T> work) {
        Worker<T> worker = new Worker<>(name, work);
        worker.thread.start();
        return worker;
    }

    /** Waits until the work has ended or a stop is requested. Returns the signal; null if the work has ended. */
    public @Nullable StopSignal awaitEndOr(StopRequest stop) throws InterruptedException {
        CompletableFuture<Object> either =
                CompletableFuture.anyOf(result.handle((value, error) -> true), stop.signal());
        try {
            return either.get() instanceof StopSignal signal ? signal : null;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Interrupts the work. */
    public void interrupt() {
        thread.interrupt();
    }

    /** Waits for the end of the work. Returns false if it has not ended in time. */
    public boolean await(Duration limit) throws InterruptedException {
        try {
            Object unused = result.handle((value, error) -> true).get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the result of the work, which has ended, or throws its exception. */
    public T result() throws Exception {
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            throw e;
        }
    }
}
