package dev.holdfast.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What must not outlive this JVM, undone by one shutdown hook, youngest first: a process is ended before the directory that it
 * writes to is deleted. Thread-safe.
 */
final class ShutdownActions {
    private static final Deque<Runnable> ACTIONS = new ArrayDeque<>();
    private static boolean hooked;

    private ShutdownActions() {}

    static void register(Runnable action) {
        synchronized (ACTIONS) {
            if (!hooked) {
                hooked = true;
                Runtime.getRuntime().addShutdownHook(new Thread(ShutdownActions::runAll, "holdfast-testkit-exit"));
            }
            ACTIONS.push(action);
        }
    }

    static void unregister(Runnable action) {
        synchronized (ACTIONS) {
            ACTIONS.remove(action);
        }
    }

    private static void runAll() {
        for (Runnable action = next(); action != null; action = next()) {
            try {
                action.run();
            } catch (RuntimeException e) {
                System.err.println("testkit: clean-up at exit failed: " + e);
            }
        }
    }

    private static @Nullable Runnable next() {
        synchronized (ACTIONS) {
            return ACTIONS.poll();
        }
    }
}
