package dev.holdfast.internal.concurrent;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The thread on which deliveries reach users who named no executor: started at the first delivery, gone when idle. What
 * waits for it is bounded by the consumers' prefetch and by {@link Backlog}.
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

    /** The thread goes as soon as nothing waits. What was read before still reaches its users: nobody else has it. */
    public void close() {
        executor.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
    }
}
