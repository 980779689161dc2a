package dev.holdfast.internal.concurrent;

import java.util.concurrent.Executor;

/** Runs callbacks of the user on an executor of the user, and logs what they throw. */
public final class UserCallbacks {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private UserCallbacks() {}

    /** Runs a callback on the executor. Nothing is thrown: a refusal and an exception of the callback are logged. */
    public static void run(Executor executor, Runnable callback) {
        try {
            executor.execute(() -> call(callback));
        } catch (RuntimeException | Error e) { // an OutOfMemoryError too: the executor may fail to start a thread
            logFailure("an executor refused a callback", e);
        }
    }

    private static void call(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | Error e) {
            logFailure("a callback threw", e);
        }
    }

    /**
     * Logs, as a warning, that code of the user threw.
     *
     * @param message which code it was, and what the library does instead
     */
    public static void logFailure(String message, Throwable thrown) {
        LOG.log(System.Logger.Level.WARNING, message, thrown);
    }
}
