package dev.holdfast.internal.session;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs tasks one after the other, in order, on an executor that may have many threads. Thread-safe. */
final class SerialExecutor implements Executor {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Executor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean running;

    SerialExecutor(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        } finally {
            lock.unlock();
        }
        start(task);
    }

    private void start(@Nullable Runnable added) {
        try {
            executor.execute(this::run);
        } catch (RuntimeException | Error e) {
            lock.lock();
            try {
                running = false;
                if (added != null) {
                    tasks.remove(added); // its caller hears of it and decides
                }
            } finally {
                lock.unlock();
            }
            throw e;
        }
    }

    /** One task a turn: it may be many deliveries. */
    private void run() {
        while (true) {
            Runnable task = next();
            if (task == null) {
                return;
            }
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.WARNING, "a callback threw", e);
            }
            if (isIdle()) {
                return;
            }
            try {
                executor.execute(this::run); // others on the executor get their turn
                return;
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.DEBUG, "the executor has no room for more: going on", e);
            }
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            Runnable task = tasks.poll();
            running = task != null;
            return task;
        } finally {
            lock.unlock();
        }
    }

    private boolean isIdle() {
        lock.lock();
        try {
            running = !tasks.isEmpty();
            return !running;
        } finally {
            lock.unlock();
        }
    }
}
