package dev.holdfast;

import java.time.Duration;

/**
 * Hears what happens to a connection, to feed metrics and alarms; see {@link ConnectionOptions#listener}. Every method
 * does nothing by default. Counts are not told one by one: read {@link Connection#statistics()} when you like.
 *
 * <p>Called on {@link ConnectionOptions#deliveryExecutor()}, one call at a time, in the order in which things happened.
 * A slow listener delays deliveries and nothing else; what it throws is logged. While 1,024 events wait for it, those of a
 * block, a retry, a replay or a slow confirm that come on top are not told, and a WARNING says so once.
 */
public interface ConnectionListener {
    /** A link to this broker is up: the first one, or a new one after a loss. */
    default void connected(Address address) {}

    /** A round over all brokers found none; another follows if the cause is recoverable. */
    default void connectFailed(AmqpException cause) {}

    /** The link to this broker is gone: lost, closed by the broker, or closed by us ({@code cause.initiator()} tells). */
    default void closed(Address address, AmqpConnectionException cause) {}

    /** The broker stopped reading publishes, in its own words (a memory or disk alarm). */
    default void blocked(String reason) {}

    /** The broker reads publishes again, or the link is gone, after this time. */
    default void unblocked(Duration after) {}

    /** A publish was refused (nack, return, declaration) and is sent again after a delay. */
    default void retrying(AmqpException cause, Duration delay) {}

    /** This many publishes that a lost link or channel left open were sent again. */
    default void replayed(int messages) {}

    /**
     * A confirm came after more than {@link ConnectionOptions#slowConfirm()}; told once for all that a confirm speaks
     * of, of the oldest.
     */
    default void slowConfirm(String exchange, Duration latency) {}
}
