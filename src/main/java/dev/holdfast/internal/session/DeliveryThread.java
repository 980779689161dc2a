package dev.holdfast.internal.session;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The thread on which deliveries reach users who named no executor: started at the first delivery, gone when idle. What
 * waits for it is bounded by the consumers' prefetch and by {@link Backlog}.
 */
final class DeliveryThread implements Executor {
    private final ThreadPoolExecutor executor;

    DeliveryThread(String name) {
        executor = new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // The connection is closed: what was delivered is not acknowledged and goes back to its queue.
        }
    }

    void close() {
        executor.shutdown();
    }
}
