package dev.holdfast.jmh.load;

/** What a measured client does. */
public enum Task {
    /** Publishes with confirms, a future for each message. */
    PUBLISH,
    /** Publishes without confirms; the measurement ends when the peer has read everything. */
    UNCONFIRMED,
    /** Publishes messages one by one, each confirmed before the next. */
    SYNC,
    /** As SYNC, with a pause of {@link ForkedMain#LONE_PAUSE_MILLIS} before each. */
    LONE,
    /** Publishes a small map as JSON, with confirms. */
    JSON,
    /** Jackson alone: serializes the same map and discards it. */
    JACKSON,
    /** Consumes prepared deliveries without acknowledging. */
    CONSUME,
    /** Opens a connection and publishes one message: the time and CPU from the start of the JVM to its confirm. */
    START
}
