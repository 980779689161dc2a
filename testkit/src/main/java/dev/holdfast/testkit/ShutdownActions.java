package dev.holdfast.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Clean-up actions that one JVM shutdown hook runs, the last registered first: a process is killed before the directory
 * that it writes to is deleted. Thread-safe.
 */
final class ShutdownActions {
    private static final Deque<Runnable> ACTIONS = new ArrayDeque<>();
    private static boolean hookRegistered;

    private ShutdownActions() {}

    static void register(Runnable action) {
        synchronized (ACTIONS) {
            if (!hookRegistered) {
                hookRegistered = true;
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
        for (Runnable action = poll(); action != null; action = poll()) {
            try {
                action.run();
            } catch (RuntimeException e) {
                System.err.println("testkit: clean-up at exit failed: " + e);
            }
        }
    }

    private static @Nullable Runnable poll() {
        synchronized (ACTIONS) {
            return ACTIONS.poll();
        }
    }
}
