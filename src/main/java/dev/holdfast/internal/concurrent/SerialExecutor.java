package dev.holdfast.internal.concurrent;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Does work piece after piece, in order, on an executor that may have many threads. Thread-safe. */
public final class SerialExecutor implements Executor {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Executor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Work> waiting = new ArrayDeque<>();
    private boolean running;

    /** Something to do in one turn or several. */
    @FunctionalInterface
    public interface Work {
        /** Does some of it. Returns whether there is more. */
        boolean turn();
    }

    public SerialExecutor(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        add(() -> {
            task.run();
            return false;
        });
    }

    /** What is not done yet. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Queues work; what the executor throws, who refuses it, reaches the caller, and the work is forgotten. */
    public void add(Work work) {
        lock.lock();
        try {
            waiting.add(work);
            if (running) {
                return;
            }
            running = true;
        } finally {
            lock.unlock();
        }
        try {
            executor.execute(this::run);
        } catch (RuntimeException | Error e) {
            lock.lock();
            try {
                running = false;
                waiting.remove(work); // its caller hears of it and decides
            } finally {
                lock.unlock();
            }
            throw e;
        }
    }

    /** One turn, and then others on the executor get theirs. */
    private void run() {
        while (true) {
            Work work = next();
            if (work == null) {
                return;
            }
            if (!hasMore(work)) {
                over(work);
            }
            if (isIdle() || new HandOver().isTaken()) {
                return;
            }
        }
    }

    /** Asks for the next turn. An executor that runs it at once, in this thread, would go a level deeper with each. */
    private final class HandOver implements Runnable {
        private final Thread asking = Thread.currentThread();

        /** Only the thread that asks looks at these. */
        private boolean isAsked = true;

        private boolean isHere;

        /** Whether it is somebody else's; otherwise this thread goes on. */
        boolean isTaken() {
            try {
                executor.execute(this);
                return !isHere;
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.DEBUG, "the executor has no room for more: going on", e);
                return false;
            } finally {
                isAsked = false;
            }
        }

        @Override
        public void run() {
            if (Thread.currentThread() == asking && isAsked) {
                isHere = true;
            } else {
                SerialExecutor.this.run();
            }
        }
    }

    private static boolean hasMore(Work work) {
        try {
            return work.turn();
        } catch (RuntimeException | Error e) {
            UserCallbacks.logFailure("a callback threw", e);
            return false;
        }
    }

    private @Nullable Work next() {
        lock.lock();
        try {
            Work work = waiting.peek();
            running = work != null;
            return work;
        } finally {
            lock.unlock();
        }
    }

    private void over(Work work) {
        lock.lock();
        try {
            boolean unused = waiting.remove(work); // it is the first
        } finally {
            lock.unlock();
        }
    }

    private boolean isIdle() {
        lock.lock();
        try {
            running = !waiting.isEmpty();
            return !running;
        } finally {
            lock.unlock();
        }
    }
}
