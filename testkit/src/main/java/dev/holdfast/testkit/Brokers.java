package dev.holdfast.testkit;

/** The rule on brokers that a machine may lack: a test is skipped loudly, and on a build server not at all. */
public final class Brokers {
    private Brokers() {}

    /**
     * Tells whether a test can have its broker. If not, says so on standard error, where nobody overlooks it.
     *
     * <p>To be used as {@code assumeTrue(Brokers.require("RabbitMQ", RabbitNode.available()))}.
     *
     * @throws IllegalStateException if the broker is missing and the environment says {@code CI=true}
     */
    public static boolean require(String broker, boolean available) {
        return require(broker, available, "true".equalsIgnoreCase(System.getenv("CI")));
    }

    /** The rule for RabbitMQ: {@code assumeTrue(Brokers.requireRabbit())}. */
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
                line + "\n*** SKIPPED: " + broker + " is not installed, what needs it was NOT tested\n" + line);
        return false;
    }
}
