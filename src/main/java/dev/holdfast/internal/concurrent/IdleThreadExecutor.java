package dev.holdfast.internal.concurrent;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks on one daemon thread, which starts at the first task and ends after 5 seconds without one. It is the
 * default executor of deliveries; its queue is bounded by the consumers' prefetch and by the limit of the delivery
 * backlog.
 */
public final class IdleThreadExecutor implements Executor {
    private final ThreadPoolExecutor executor;

    public IdleThreadExecutor(String name) {
        executor = new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
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

    /** Lets the thread end as soon as the queue is empty. Queued deliveries are still handled. */
    public void close() {
        executor.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
    }
}
