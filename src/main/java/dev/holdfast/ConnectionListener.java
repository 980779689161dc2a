package dev.holdfast;

import java.time.Duration;

/**
 * Receives the events of a connection, for metrics and alarms; see {@link ConnectionOptions#listener}. Every method
 * does nothing by default. For counters read {@link Connection#statistics()}.
 *
 * <p>Called on {@link ConnectionOptions#deliveryExecutor()}, one call at a time, in the order of the events. A slow
 * listener delays deliveries only; its exceptions are logged. While 1,024 events wait, further blocked events (with
 * their unblocked), retrying, replayed, slowConfirm and restore events are dropped, and one WARNING is logged.
 */
public interface ConnectionListener {
    /** A link to this broker is open: the first one, or a new one after a loss. */
    default void connected(Address address) {}

    /**
     * No broker could be reached in a round over all of them; another round follows if the cause is recoverable. A
     * refusal (of the login, the virtual host, a certificate) is recoverable once a link was open, while something
     * waits for a link; see {@link ConnectionOptions#reconnectLimit(Duration)}.
     */
    default void connectFailed(AmqpException cause) {}

    /**
     * The link to this broker was lost, closed by the broker or closed by this client; see {@code cause.initiator()}.
     */
    default void closed(Address address, AmqpConnectionException cause) {}

    /** The broker stopped reading publishes (connection.blocked), for this reason, such as a memory or disk alarm. */
    default void blocked(String reason) {}

    /** The broker reads publishes again, or the link is lost, after this time. */
    default void unblocked(Duration after) {}

    /** A publish failed (nack, return, refused declaration) and is sent again after a delay. */
    default void retrying(AmqpException cause, Duration delay) {}

    /** This many publishes that were outstanding on a lost link or channel were sent again. */
    default void replayed(int messages) {}

    /**
     * A confirm arrived later than {@link ConnectionOptions#slowConfirm()}. A confirm of several messages causes one
     * event, with the exchange and the latency of the oldest: the time of its attempt so far, as {@link
     * PublishOptions#confirmTimeout(Duration)} counts it.
     */
    default void slowConfirm(String exchange, Duration latency) {}

    /**
     * An exchange, queue, binding, consumer or channel could not be restored after a reconnect, or after the broker
     * closed its channel, and is tried again after the delay.
     *
     * @param item names it, such as {@code consumer 'tag' of queue 'orders'}
     */
    default void restoreRetrying(String item, AmqpException cause, Duration delay) {}

    /** An item is restored after {@link #restoreRetrying}. */
    default void restored(String item) {}

    /**
     * An item could not be restored: its error is permanent, or {@link ConnectionOptions#restoreLimit()} is over. A
     * consumer is cancelled ({@link DeliveryHandler#cancelled(String, AmqpException)}), a channel is closed, an entity
     * is tried again on the next link.
     */
    default void restoreFailed(String item, AmqpException cause) {}
}
