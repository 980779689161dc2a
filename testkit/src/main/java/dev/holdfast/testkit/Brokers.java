package dev.holdfast.testkit;

/**
 * Decides what happens to a test whose broker is not installed: it is skipped with a notice, or fails on a build
 * server.
 */
public final class Brokers {
    private Brokers() {}

    /**
     * Returns whether a broker is available. If it is not, prints a notice on standard error that tests are skipped.
     *
     * <p>Usage: {@code assumeTrue(Brokers.require("RabbitMQ", RabbitNode.available()))}.
     *
     * @param broker the name of the broker in the messages
     * @throws IllegalStateException if the broker is missing and the environment variable {@code CI} is {@code true}
     */
    public static boolean require(String broker, boolean available) {
        return require(broker, available, "true".equalsIgnoreCase(System.getenv("CI")));
    }

    /** Calls {@link #require(String, boolean)} for RabbitMQ: {@code assumeTrue(Brokers.requireRabbit())}. */
    public static boolean requireRabbit() {
        return require("RabbitMQ (Debian: rabbitmq-server)", RabbitNode.available());
    }

    static boolean require(String broker, boolean available, boolean buildServer) {
        if (available) {
            return true;
        }
        if (buildServer) {
            throw new IllegalStateException(broker + " is not installed, and with CI=true no test may be skipped");
        }
        String line = "*".repeat(100);
        System.err.println(
                line + "\n*** SKIPPED: " + broker + " is not installed, tests that need it did NOT run\n" + line);
        return false;
    }
}
