package dev.holdfast.cli.perf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Creates the executor that starts the publishing threads. */
final class PublishThreads {
    private PublishThreads() {}

    /** Returns an executor that starts a thread for each task: a daemon thread or a virtual thread. */
    static Executor executor(boolean virtualThreads) {
        if (virtualThreads) {
            return virtualThreads();
        }
        return task -> {
            Thread thread = new Thread(task, "perf-publisher");
            thread.setDaemon(true);
            thread.start();
        };
    }

    /** Looks up the factory by name, since the code is compiled for Java 17. */
    private static Executor virtualThreads() {
        try {
            return (ExecutorService) MethodHandles.publicLookup()
                    .findStatic(
                            Executors.class,
                            "newVirtualThreadPerTaskExecutor",
                            MethodType.methodType(ExecutorService.class))
                    .invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("virtual threads: not available (expected: Java 21 or later)", e);
        }
    }
}
