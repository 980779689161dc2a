package dev.holdfast.internal.concurrent;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs tasks in order, one at a time, on an executor that may have many threads. Thread-safe. */
public final class SerialExecutor implements Executor {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Executor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Work> waiting = new ArrayDeque<>();
    private boolean running;

    /** A task that runs in one or more turns. Between turns, other tasks of the executor can run. */
    @FunctionalInterface
    public interface Work {
        /** Runs one turn, and returns whether another one is needed. */
        boolean runTurn();
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

    /** The number of tasks that are not finished. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Queues work. If the executor rejects it, the work is dropped and the exception is thrown to the caller. */
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
        Turn first = new Turn(false);
        try {
            executor.execute(first);
        } catch (RuntimeException | Error e) {
            if (first.revoke()) {
                lock.lock();
                try {
                    running = false;
                    waiting.remove(work);
                } finally {
                    lock.unlock();
                }
                throw e;
            }
        }
    }

    /**
     * Runs turns. After each turn it submits itself again, so that other tasks of the executor can run; it loops only
     * if the executor rejects that or runs it in this thread.
     */
    private void run() {
        while (true) {
            Work work = next();
            if (work == null) {
                return;
            }
            if (!hasMore(work)) {
                remove(work);
            }
            if (stopIfIdle() || new Turn(true).isSubmitted()) {
                return;
            }
        }
    }

    /**
     * A task of the executor. An executor may accept it and throw nevertheless, so it runs only if it was not revoked.
     *
     * <p>An executor that runs the next turn in the calling thread would make the stack deeper at every turn; then the
     * loop in {@link #run} runs it instead.
     */
    private final class Turn implements Runnable {
        private final Thread submitter = Thread.currentThread();
        private final AtomicBoolean taken = new AtomicBoolean();

        /** Used by the submitting thread only. */
        private boolean isSubmittedByRun;

        private boolean ranInSubmitter;

        /** @param isSubmittedByRun whether {@link SerialExecutor#run} submits it */
        Turn(boolean isSubmittedByRun) {
            this.isSubmittedByRun = isSubmittedByRun;
        }

        /** Prevents the turn. Returns false if it has begun. */
        boolean revoke() {
            return taken.compareAndSet(false, true);
        }

        /** Whether the executor runs the next turn; otherwise the calling thread must run it. */
        boolean isSubmitted() {
            try {
                executor.execute(this);
                return !ranInSubmitter;
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.DEBUG, "the executor rejected the next turn: continuing on this thread", e);
                return !ranInSubmitter && !revoke();
            } finally {
                isSubmittedByRun = false;
            }
        }

        @Override
        public void run() {
            if (!taken.compareAndSet(false, true)) {
                return;
            }
            if (Thread.currentThread() == submitter && isSubmittedByRun) {
                ranInSubmitter = true;
            } else {
                SerialExecutor.this.run();
            }
        }
    }

    private static boolean hasMore(Work work) {
        try {
            return work.runTurn();
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

    private void remove(Work work) {
        lock.lock();
        try {
            boolean unused = waiting.remove(work); // it is the first
        } finally {
            lock.unlock();
        }
    }

    private boolean stopIfIdle() {
        lock.lock();
        try {
            running = !waiting.isEmpty();
            return !running;
        } finally {
            lock.unlock();
        }
    }
}
