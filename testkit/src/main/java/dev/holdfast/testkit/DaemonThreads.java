package dev.holdfast.testkit;

/** Threads that do not keep the JVM alive. */
final class DaemonThreads {
    private static final long END_MILLIS = 5000;

    private DaemonThreads() {}

    static Thread create(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    static Thread start(Runnable work, String name) {
        Thread thread = create(work, name);
        thread.start();
        return thread;
    }

    /**
     * Waits for a thread whose socket was closed. Until a thread has left accept(), the system still takes connections in its
     * name.
     */
    static void awaitEnd(Thread thread) {
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
