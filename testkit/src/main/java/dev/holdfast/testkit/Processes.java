package dev.holdfast.testkit;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Kills child processes of this JVM and waits for their end. */
final class Processes {
    private static final long EXIT_TIMEOUT_SECONDS = 10;

    private Processes() {}

    /** Kills the process and its descendants, and waits until they have ended. */
    static void killTree(Process process) {
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList()
                .forEach(Processes::kill);
    }

    /** Kills the process as {@code kill -9} does, and waits until it has ended. */
    static void kill(ProcessHandle process) {
        process.destroyForcibly();
        try {
            process.onExit().get(EXIT_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("process " + process.pid() + " did not end", e);
        }
    }

    /** Waits this long, or until the process ends, and returns whether it is still running. */
    static boolean isAliveAfter(Process process, long millis) {
        try {
            return !process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for process " + process.pid(), e);
        }
    }
}
