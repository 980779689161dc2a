package dev.holdfast.cli.common;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/**
 * The request to stop a command in an orderly way. With {@link #ofProcess} the first SIGINT, SIGTERM or SIGHUP makes
 * the request, and the second ends the process at once. Thread-safe.
 */
public final class StopRequest {
    private final CompletableFuture<StopSignal> signal = new CompletableFuture<>();
    private final boolean handlesSignals;

    private StopRequest(boolean handlesSignals) {
        this.handlesSignals = handlesSignals;
    }

    /** Returns a request that the signals of this process make, once a command calls {@link #listen}. */
    public static StopRequest ofProcess() {
        return new StopRequest(true);
    }

    /** Returns a request that only {@link #stop} makes. */
    public static StopRequest manual() {
        return new StopRequest(false);
    }

    /** Installs the handlers of signals. Before, and in commands that do not call this, a signal ends the process. */
    public void listen() {
        if (handlesSignals) {
            for (StopSignal each : StopSignal.values()) {
                handle(each);
            }
        }
    }

    /** Makes the request; false if it was made before. */
    public boolean stop(StopSignal by) {
        return signal.complete(by);
    }

    /** Runs this once the request is made, on the thread that makes it, or now if it was made. */
    public void onStop(Runnable action) {
        CompletableFuture<Void> unused = signal.thenRun(action);
    }

    /** Completes with the signal when the request is made. */
    CompletableFuture<StopSignal> signal() {
        return signal;
    }

    /**
     * Installs a handler with sun.misc.Signal, by reflection: javac warns of each use. A signal that this platform does
     * not have, or that its parent process ignores, keeps its handling.
     */
    private void handle(StopSignal each) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    StopRequest.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                        if (!stop(each)) {
                            Runtime.getRuntime().halt(each.exitCode());
                        }
                        return null;
                    });
            Object instance = signalType.getConstructor(String.class).newInstance(each.shortName());
            Object unused =
                    signalType.getMethod("handle", signalType, handlerType).invoke(null, instance, handler);
        } catch (InvocationTargetException e) {
            // Unknown on this platform, or reserved by an option of the JVM.
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("sun.misc.Signal is missing (expected: the module jdk.unsupported)", e);
        }
    }
}
