package dev.holdfast.testkit;

/** The major versions of RabbitMQ whose nodes tests start. */
public enum RabbitVersion {
    /** For instance 3.10, the version of Debian 12. */
    V3(3, "bookworm"),
    /** For instance 4.3, the version of Debian forky. */
    V4(4, "forky");

    private final int major;
    private final String suite;

    RabbitVersion(int major, String suite) {
        this.major = major;
        this.suite = suite;
    }

    /** Returns whether nodes of this version can be started on this machine. */
    public boolean installed() {
        return RabbitInstallation.find(major).isPresent();
    }

    /**
     * Returns the full version that is installed, such as {@code 4.3.6}; of several the newest.
     *
     * @throws IllegalStateException if none is installed
     */
    public String number() {
        return installation().version().toString();
    }

    RabbitInstallation installation() {
        return RabbitInstallation.find(major).orElseThrow(() -> new IllegalStateException(reasonMissing()));
    }

    /** Returns how to install this version, for messages: {@code RabbitMQ 4 is not installed (...)}. */
    public String reasonMissing() {
        return this + " is not installed (.ci/rabbitmq " + suite + " unpacks it into " + RabbitInstallation.cache()
                + ")";
    }

    /** Returns {@code RabbitMQ 3} or {@code RabbitMQ 4}. */
    @Override
    public String toString() {
        return "RabbitMQ " + major;
    }
}
