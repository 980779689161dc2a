package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The Erlang port mapper of this JVM's nodes: a process of its own on a port of its own, so that nothing is registered at, or
 * left behind in, the one that the machine may run. Started for the first node, ended after the last.
 */
final class Epmd {
    private static final Object LOCK = new Object();
    private static final long START_SECONDS = 20;
    private static final long POLL_MILLIS = 20;
    private static final int ATTEMPTS = 3;

    private static @Nullable Epmd running;
    private static int users;

    private final Process process;
    private final int port;
    private final Runnable killing;

    private Epmd(Process process, int port) {
        this.process = process;
        this.port = port;
        this.killing = () -> Processes.killTree(process);
        ShutdownActions.register(killing);
    }

    /** Shares the running port mapper, or starts one; each call is to be matched by {@link #release}. */
    static Epmd acquire(Path executable) {
        synchronized (LOCK) {
            Epmd epmd = running;
            if (epmd == null || !epmd.process.isAlive()) {
                epmd = start(executable);
                running = epmd;
            }
            users++;
            return epmd;
        }
    }

    void release() {
        synchronized (LOCK) {
            users--;
            if (users == 0) {
                running = null;
                ShutdownActions.unregister(killing);
                killing.run();
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
                if (epmd.answers()) {
                    return epmd;
                }
                ShutdownActions.unregister(epmd.killing);
                Processes.killTree(process);
            } catch (IOException e) {
                throw new UncheckedIOException("epmd cannot be started: " + executable, e);
            }
        }
        throw new IllegalStateException("epmd does not stay up: " + executable);
    }

    private boolean answers() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        do {
            if (PortProbe.listens(port)) {
                return true;
            }
        } while (Processes.runsAfter(process, POLL_MILLIS) && System.nanoTime() < deadline);
        return false;
    }

    int port() {
        return port;
    }
}
