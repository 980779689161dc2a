package dev.holdfast.testkit;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Ends processes that were started here, each by its own id. */
final class Processes {
    private static final long END_SECONDS = 10;

    private Processes() {}

    /** Kills the process and all that it has started, and waits until they have gone. */
    static void killTree(Process process) {
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList()
                .forEach(Processes::kill);
    }

    /** Kills the process, as {@code kill -9} does, and waits until it has gone. */
    static void kill(ProcessHandle process) {
        process.destroyForcibly();
        try {
            process.onExit().get(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("process " + process.pid() + " does not end", e);
        }
    }

    /** Waits a moment, less if the process ends; tells whether it still runs. */
    static boolean runsAfter(Process process, long millis) {
        try {
            return !process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for process " + process.pid(), e);
        }
    }
}
