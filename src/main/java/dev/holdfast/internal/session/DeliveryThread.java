package dev.holdfast.internal.session;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
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
        executor.execute(task);
    }

    /** The thread goes as soon as nothing waits. What was read before still reaches its users: nobody else has it. */
    void close() {
        executor.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
    }
}
