package dev.holdfast.internal.outbound;

import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Outcomes found under the lock, told to their futures once it is free: whoever waits may do anything in return.
 *
 * <p>Not thread-safe: used by one thread at a time, and reused.
 */
public final class CompletionQueue {
    private final @Nullable Executor executor;
    private final Counters counters;
    private final List<Runnable> notices = new ArrayList<>();
    private CompletableFuture<Confirmation>[] futures = futures(64);

    /**
     * Null for the usual outcome, {@link Confirmation#ONE}: then nothing is stored for a message but its future. A supplier
     * makes its exception when it is told.
     */
    private @Nullable Object[] results = new Object[64];

    private int size;
    private boolean telling;

    /**
     * @param executor where futures complete; null: on the thread that calls {@link #tell}
     * @param counters counts the outcomes
     */
    public CompletionQueue(@Nullable Executor executor, Counters counters) {
        this.executor = executor;
        this.counters = counters;
    }

    public void confirmed(CompletableFuture<Confirmation> future, Confirmation confirmation) {
        counters.confirmed(1);
        add(future, confirmation.attempts() == 1 ? null : confirmation);
    }

    /** All of {@code from[start, end)} were confirmed at their first attempt. */
    void confirmed(@Nullable CompletableFuture<Confirmation>[] from, int start, int end) {
        int count = end - start;
        counters.confirmed(count);
        reserve(count);
        System.arraycopy(from, start, futures, size, count);
        size += count;
    }

    public void failed(CompletableFuture<Confirmation> future, Throwable cause) {
        counters.failed(1);
        add(future, cause);
    }

    /**
     * Fails with an exception that is made when it is told: a window may fail as a whole, and an exception with its stack
     * trace is larger than most messages.
     */
    public void failed(CompletableFuture<Confirmation> future, Supplier<? extends AmqpException> cause) {
        counters.failed(1);
        Object before = size == 0 ? null : results[size - 1];
        add(future, cause.equals(before) ? before : cause); // most of those that fail together fail alike
    }

    /** Something else to be said outside the lock. */
    public void notice(Runnable notice) {
        notices.add(notice);
    }

    /** Completes everything, in the order in which it was found. */
    public void tell() {
        if (telling) {
            return; // whoever was told something caused more: it comes after what was found before it
        }
        telling = true;
        try {
            while (size > 0 || !notices.isEmpty()) {
                if (executor == null) {
                    tellHere();
                } else {
                    handOver(executor);
                }
            }
        } finally {
            telling = false;
        }
    }

    private void tellHere() {
        if (!notices.isEmpty()) { // seldom: a copy for every single ack would be all that it allocates
            List<Runnable> found = List.copyOf(notices);
            notices.clear();
            runNotices(found);
        }
        // Completed in place, where more may be added behind.
        int told = 0;
        while (told < size) {
            complete(futures, results, told);
            told++;
        }
        Arrays.fill(futures, 0, told, null);
        Arrays.fill(results, 0, told, null);
        size = 0;
    }

    private void handOver(Executor to) {
        CompletableFuture<Confirmation>[] theirFutures = Arrays.copyOf(futures, size);
        @Nullable Object[] theirResults = Arrays.copyOf(results, size);
        List<Runnable> theirNotices = List.copyOf(notices);
        Arrays.fill(futures, 0, size, null);
        Arrays.fill(results, 0, size, null);
        notices.clear();
        size = 0;
        Runnable task = () -> {
            runNotices(theirNotices);
            for (int i = 0; i < theirFutures.length; i++) {
                complete(theirFutures, theirResults, i);
            }
        };
        try {
            to.execute(task);
        } catch (RuntimeException e) {
            // An outcome is never lost, not even to an executor that was shut down too early.
            task.run();
        }
    }

    private static void runNotices(List<Runnable> notices) {
        for (Runnable notice : notices) {
            try {
                notice.run();
            } catch (RuntimeException | Error e) {
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
        }
    }

    private static void complete(CompletableFuture<Confirmation>[] futures, @Nullable Object[] results, int i) {
        CompletableFuture<Confirmation> future = futures[i];
        Object result = results[i];
        if (future == null) {
            return; // told before something went wrong
        }
        if (result == null) {
            future.complete(Confirmation.ONE);
        } else {
            completeUnusually(future, result);
            futures[i] = null; // an exception is not kept until the last is told
            results[i] = null;
        }
    }

    private static void completeUnusually(CompletableFuture<Confirmation> future, Object result) {
        if (result instanceof Confirmation confirmation) {
            future.complete(confirmation);
        } else if (result instanceof Supplier<?> cause) {
            future.completeExceptionally((Throwable) cause.get());
        } else {
            future.completeExceptionally((Throwable) result);
        }
    }

    private void add(CompletableFuture<Confirmation> future, @Nullable Object result) {
        reserve(1);
        futures[size] = future;
        if (result != null) {
            results[size] = result;
        }
        size++;
    }

    private void reserve(int count) {
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
