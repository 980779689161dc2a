package dev.holdfast.cli.perf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Starts the publishing threads. */
final class PublishThreads {
    private PublishThreads() {}

    /** Threads that keep no JVM alive, virtual ones where that was asked for. */
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

    /** By its name, since the class files are those of Java 17. */
    private static Executor virtualThreads() {
        try {
            return (ExecutorService) MethodHandles.publicLookup()
                    .findStatic(
                            Executors.class,
                            "newVirtualThreadPerTaskExecutor",
                            MethodType.methodType(ExecutorService.class))
                    .invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("virtual threads: not there (expected: Java 21 or later)", e);
        }
    }
}
