package dev.holdfast.jmh.load;

/** What a measurement does. */
public enum Task {
    /** Publishes with confirms, a future for each message. */
    PUBLISH,
    /** Publishes without confirms; the end is when the peer has read everything. */
    UNCONFIRMED,
    /** Publishes one message after the other, each confirmed before the next. */
    SYNC,
    /** As SYNC, with {@link Child#LONE_PAUSE_MILLIS} of silence before each. */
    LONE,
    /** Publishes a small map as JSON, with confirms. */
    JSON,
    /** Jackson alone: the same map to bytes, to nowhere. */
    JACKSON,
    /** Consumes prepared deliveries without acknowledging. */
    CONSUME,
    /** Opens a connection and publishes one message: what a JVM has spent when its confirm is there. */
    START
}
