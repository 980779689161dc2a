package dev.holdfast.internal.outbound;

import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.internal.concurrent.UserCallbacks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects the outcomes of publishes under the lock, and completes their futures once the lock is free: code that
 * depends on a future may do anything, such as publish again.
 *
 * <p>With an executor, the futures that users hold complete there. A {@link CallerFuture} never does: the executor may
 * be busy with the very callback that waits for it.
 *
 * <p>Not thread-safe: used by one thread at a time, and reused.
 */
public final class CompletionQueue {
    private final @Nullable Executor executor;
    private final Counters counters;
    private final List<Runnable> callbacks = new ArrayList<>();
    private CompletableFuture<Confirmation>[] futures = futures(64);

    /**
     * The result of each future. Null for the usual one, {@link Confirmation#ONE}, so that a message stores nothing but
     * its future. A supplier creates its exception when the future completes.
     */
    private @Nullable Object[] results = new Object[64];

    private int size;
    private boolean completing;

    /** The future of a blocking publish: only the caller that waits depends on it. */
    public static final class CallerFuture extends CompletableFuture<Confirmation> {}

    /**
     * @param executor completes the futures of users; null: the thread that calls {@link #completeAll} does
     * @param counters counts the outcomes
     */
    public CompletionQueue(@Nullable Executor executor, Counters counters) {
        this.executor = executor;
        this.counters = counters;
    }

    /** Makes room for an outcome, so that adding it cannot fail. */
    public void ensureRoom() {
        ensureCapacity(1);
    }

    /** Adds a publish that is confirmed. */
    public void addConfirmed(CompletableFuture<Confirmation> future, Confirmation confirmation) {
        counters.confirmed(1);
        add(future, confirmation.attempts() == 1 ? null : confirmation);
    }

    /** Adds {@code from[start, end)}, all confirmed at their first attempt. */
    void addConfirmed(@Nullable CompletableFuture<Confirmation>[] from, int start, int end) {
        int count = end - start;
        ensureCapacity(count);
        counters.confirmed(count);
        System.arraycopy(from, start, futures, size, count);
        size += count;
    }

    /** Adds a publish that fails. */
    public void addFailed(CompletableFuture<Confirmation> future, Throwable cause) {
        counters.failed(1);
        add(future, cause);
    }

    /**
     * Adds a publish that fails with an exception created when its future completes: all messages of a window may fail
     * together, and an exception with its stack trace is larger than most messages.
     */
    public void addFailed(CompletableFuture<Confirmation> future, Supplier<? extends AmqpException> cause) {
        counters.failed(1);
        Object previous = size == 0 ? null : results[size - 1];
        add(future, cause.equals(previous) ? previous : cause); // messages that fail together mostly fail alike
    }

    /** Adds a task to run outside the lock, before the futures complete. What it throws is logged. */
    public void addCallback(Runnable callback) {
        callbacks.add(callback);
    }

    /** Runs the callbacks and completes the futures, each in the order in which they were added. */
    public void completeAll() {
        if (completing) {
            return; // called by code that depends on a future: the caller further up completes what this call added
        }
        completing = true;
        try {
            while (size > 0 || !callbacks.isEmpty()) {
                if (executor == null) {
                    completeHere();
                } else {
                    completeOn(executor);
                }
            }
        } finally {
            completing = false;
        }
    }

    private void completeHere() {
        if (!callbacks.isEmpty()) { // seldom: without the check, the copy would be the only allocation of a single ack
            List<Runnable> copy = List.copyOf(callbacks);
            callbacks.clear();
            run(copy);
        }
        // Completed in place: a completion may add futures at the end.
        int completed = 0;
        while (completed < size) {
            complete(futures, results, completed);
            completed++;
        }
        Arrays.fill(futures, 0, completed, null);
        Arrays.fill(results, 0, completed, null);
        size = 0;
    }

    private void completeOn(Executor target) {
        Batch batch = new Batch(List.copyOf(callbacks), Arrays.copyOf(futures, size), Arrays.copyOf(results, size));
        Arrays.fill(futures, 0, size, null);
        Arrays.fill(results, 0, size, null);
        callbacks.clear();
        size = 0;
        if (batch.completeCallers()) {
            try {
                target.execute(batch);
            } catch (RuntimeException | Error e) {
                // An executor that was shut down too early, or that cannot start a thread, loses no outcome.
                batch.run();
            }
        }
    }

    /** The number of outcomes and callbacks of a task that the executor gets. */
    public static int size(Runnable task) {
        return task instanceof Batch batch ? batch.futures.length + batch.callbacks.size() : 0;
    }

    /** What {@link #completeOn} hands to the executor. */
    private static final class Batch implements Runnable {
        private final List<Runnable> callbacks;
        private final CompletableFuture<Confirmation>[] futures;
        private final @Nullable Object[] results;

        /** An executor may accept the batch and throw nevertheless. */
        private final AtomicBoolean started = new AtomicBoolean();

        Batch(List<Runnable> callbacks, CompletableFuture<Confirmation>[] futures, @Nullable Object[] results) {
            this.callbacks = callbacks;
            this.futures = futures;
            this.results = results;
        }

        /** Completes the futures of blocking publishes. Returns whether there are others, or callbacks. */
        boolean completeCallers() {
            boolean others = !callbacks.isEmpty();
            for (int i = 0; i < futures.length; i++) {
                if (futures[i] instanceof CallerFuture) {
                    complete(futures, results, i);
                } else {
                    others = true;
                }
            }
            return others;
        }

        @Override
        public void run() {
            if (started.compareAndSet(false, true)) {
                CompletionQueue.run(callbacks);
                for (int i = 0; i < futures.length; i++) {
                    complete(futures, results, i);
                }
            }
        }
    }

    private static void run(List<Runnable> callbacks) {
        for (Runnable callback : callbacks) {
            UserCallbacks.run(Runnable::run, callback);
        }
    }

    private static void complete(CompletableFuture<Confirmation>[] futures, @Nullable Object[] results, int i) {
        CompletableFuture<Confirmation> future = futures[i];
        Object result = results[i];
        if (future == null) {
            return; // completed by an earlier call, which then failed
        }
        if (result == null) {
            future.complete(Confirmation.ONE);
        } else {
            complete(future, result);
            futures[i] = null; // the exception is not retained until the last future completes
            results[i] = null;
        }
    }

    private static void complete(CompletableFuture<Confirmation> future, Object result) {
        if (result instanceof Confirmation confirmation) {
            future.complete(confirmation);
        } else if (result instanceof Supplier<?> cause) {
            future.completeExceptionally(create(cause));
        } else {
            future.completeExceptionally((Throwable) result);
        }
    }

    /** Creates the exception; an error of its creation, such as an OutOfMemoryError, takes its place. */
    private static Throwable create(Supplier<?> cause) {
        try {
            return (Throwable) cause.get();
        } catch (RuntimeException | Error e) {
            return e;
        }
    }

    private void add(CompletableFuture<Confirmation> future, @Nullable Object result) {
        ensureCapacity(1);
        futures[size] = future;
        if (result != null) {
            results[size] = result;
        }
        size++;
    }

    private void ensureCapacity(int count) {
        int needed = size + count;
        if (needed > futures.length) {
            int capacity = Math.max(needed, futures.length * 2);
            futures = Arrays.copyOf(futures, capacity);
            results = Arrays.copyOf(results, capacity);
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static CompletableFuture<Confirmation>[] futures(int capacity) {
        return new CompletableFuture[capacity];
    }
}
