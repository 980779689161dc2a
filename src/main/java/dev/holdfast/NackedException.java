package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * The broker sent basic.nack for a message: not all queues to which it was routed accepted it, but some may have.
 * Recoverable: a full queue may have room later.
 */
public final class NackedException extends AmqpException {
    private static final long serialVersionUID = 1L;

    private final String exchange;
    private final String routingKey;

    /** Creates the exception. */
    public NackedException(String exchange, String routingKey) {
        super(
                "message nacked by broker (exchange '" + requireNonNull(exchange, "exchange") + "', routing key '"
                        + requireNonNull(routingKey, "routingKey") + "')",
                null);
        this.exchange = exchange;
        this.routingKey = routingKey;
    }

    private NackedException(NackedException original) {
        super(original);
        this.exchange = original.exchange;
        this.routingKey = original.routingKey;
    }

    /** Returns the exchange that the message was published to; empty for the default exchange. */
    public String exchange() {
        return exchange;
    }

    /** Returns the routing key that the message was published with. */
    public String routingKey() {
        return routingKey;
    }

    @Override
    public boolean recoverable() {
        return true;
    }

    @Override
    NackedException copy() {
        return new NackedException(this);
    }
}
