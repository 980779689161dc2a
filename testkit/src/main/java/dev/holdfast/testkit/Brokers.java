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
     * @param available whether the broker is available
     * @param reasonMissing why it is not, for the messages
     * @throws IllegalStateException if the broker is missing and the environment variable {@code CI} is {@code true}
     */
    public static boolean require(boolean available, String reasonMissing) {
        return require(available, reasonMissing, onBuildServer());
    }

    /** Throws IllegalStateException if the environment variable {@code CI} is {@code true}. */
    public static void refuseOnBuildServer(String reasonMissing) {
        refuse(reasonMissing, onBuildServer());
    }

    private static boolean onBuildServer() {
        return "true".equalsIgnoreCase(System.getenv("CI"));
    }

    private static void refuse(String reasonMissing, boolean buildServer) {
        if (buildServer) {
            throw new IllegalStateException(reasonMissing + "; with CI=true no test may be skipped");
        }
    }

    /** Does the same for a version of RabbitMQ. Usage: {@code assumeTrue(Brokers.require(version))}. */
    public static boolean require(RabbitVersion version) {
        return require(version.installed(), version.reasonMissing());
    }

    static boolean require(boolean available, String reasonMissing, boolean buildServer) {
        if (available) {
            return true;
        }
        refuse(reasonMissing, buildServer);
        String line = "*".repeat(100);
        System.err.println(line + "\n*** SKIPPED: " + reasonMissing + ", tests that need it did NOT run\n" + line);
        return false;
    }
}
