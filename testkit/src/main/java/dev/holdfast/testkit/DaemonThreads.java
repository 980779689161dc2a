package dev.holdfast.testkit;

/** Creates daemon threads, which do not keep the JVM alive. */
final class DaemonThreads {
    private static final long END_TIMEOUT_MILLIS = 5000;

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
     * Waits until a thread has ended whose socket was closed. The system accepts connections on the socket until the
     * thread has left accept().
     */
    static void awaitEnd(Thread thread) {
        try {
            thread.join(END_TIMEOUT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
