package dev.holdfast.internal.concurrent;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks on a few daemon threads, which start as tasks arrive and end after 5 seconds without one. It is the
 * default executor of deliveries; its queue is bounded by the consumers' prefetch and by the limit of the delivery
 * backlog.
 */
public final class IdleThreadExecutor implements Executor {
    private final ThreadPoolExecutor executor;

    /** @param threads the maximum number of threads; all have the same name */
    public IdleThreadExecutor(String name, int threads) {
        executor = new ThreadPoolExecutor(threads, threads, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    /** Lets the threads end as soon as the queue is empty. Queued deliveries are still handled. */
    public void close() {
        executor.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
    }
}
