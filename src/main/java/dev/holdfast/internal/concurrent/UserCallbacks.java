package dev.holdfast.internal.concurrent;

import java.util.concurrent.Executor;

/** Hands users' code to users' executors; what goes wrong there harms nobody else. */
public final class UserCallbacks {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private UserCallbacks() {}

    /** Runs a callback there; an executor that refuses is reported, and so is what the callback throws. */
    public static void run(Executor executor, Runnable callback) {
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
