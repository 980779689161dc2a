package dev.holdfast.internal.session;

import java.util.concurrent.Executor;

/** Hands users' code to users' executors; what goes wrong there harms nobody else. */
final class Callbacks {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private Callbacks() {}

    /** Runs a callback there; an executor that refuses is reported, and so is what the callback throws. */
    static void run(Executor executor, Runnable callback) {
        try {
            executor.execute(() -> call(callback));
        } catch (RuntimeException | Error e) { // no thread left is an Error, too
            LOG.log(System.Logger.Level.WARNING, "an executor refused a callback", e);
        }
    }

    private static void call(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "a callback threw", e);
        }
    }
}
