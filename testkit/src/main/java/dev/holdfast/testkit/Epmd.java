package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The Erlang port mapper daemon that the nodes of this JVM share. It is a separate process on a separate port, so that
 * no node is registered with, or left behind in, a daemon of the machine. Started for the first node, killed after the
 * last.
 */
final class Epmd {
    private static final Object LOCK = new Object();
    private static final long START_SECONDS = 20;
    private static final long POLL_MILLIS = 20;
    private static final int ATTEMPTS = 3;

    private static @Nullable Epmd running;
    private static int useCount;

    private final Process process;
    private final int port;
    private final Runnable killAction;

    private Epmd(Process process, int port) {
        this.process = process;
        this.port = port;
        this.killAction = () -> Processes.killTree(process);
        ShutdownActions.register(killAction);
    }

    /** Returns the running port mapper, or starts one. The caller calls {@link #release} once for each call. */
    static Epmd acquire(Path executable) {
        synchronized (LOCK) {
            Epmd epmd = running;
            if (epmd == null || !epmd.process.isAlive()) {
                epmd = start(executable);
                running = epmd;
            }
            useCount++;
            return epmd;
        }
    }

    void release() {
        synchronized (LOCK) {
            useCount--;
            if (useCount == 0) {
                running = null;
                ShutdownActions.unregister(killAction);
                killAction.run();
            }
        }
    }

    private static Epmd start(Path executable) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = Ports.reserve();
            try {
                Process process = new ProcessBuilder(
                                executable.toString(), "-port", Integer.toString(port), "-address", "127.0.0.1")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                Epmd epmd = new Epmd(process, port);
                if (epmd.awaitListening()) {
                    return epmd;
                }
                ShutdownActions.unregister(epmd.killAction);
                Processes.killTree(process);
            } catch (IOException e) {
                throw new UncheckedIOException("epmd cannot be started: " + executable, e);
            }
        }
        throw new IllegalStateException("epmd did not start in " + ATTEMPTS + " attempts: " + executable);
    }

    private boolean awaitListening() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        do {
            if (PortProbe.isListening(port)) {
                return true;
            }
        } while (Processes.isAliveAfter(process, POLL_MILLIS) && System.nanoTime() < deadline);
        return false;
    }

    int port() {
        return port;
    }
}
