package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * The broker returned a mandatory (or immediate) message because it was routed to no queue. Not recoverable: it would
 * be returned again until a queue is bound.
 */
public final class UnroutableException extends AmqpException {
    private static final long serialVersionUID = 1L;

    private final int replyCode;
    private final String replyText;
    private final String exchange;
    private final String routingKey;

    /** Creates the exception from the fields of basic.return. */
    public UnroutableException(int replyCode, String replyText, String exchange, String routingKey) {
        super(
                "message returned by broker: " + replyCode + " " + requireNonNull(replyText, "replyText")
                        + " (exchange '" + requireNonNull(exchange, "exchange") + "', routing key '"
                        + requireNonNull(routingKey, "routingKey") + "')",
                null);
        this.replyCode = replyCode;
        this.replyText = replyText;
        this.exchange = exchange;
        this.routingKey = routingKey;
    }

    private UnroutableException(UnroutableException original) {
        super(original);
        this.replyCode = original.replyCode;
        this.replyText = original.replyText;
        this.exchange = original.exchange;
        this.routingKey = original.routingKey;
    }

    /** Returns the broker's reply code: 312 (no route), 313 (no consumers), or another code of the broker. */
    public int replyCode() {
        return replyCode;
    }

    /** Returns the broker's reply text, such as {@code NO_ROUTE}. */
    public String replyText() {
        return replyText;
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
        return false;
    }

    @Override
    UnroutableException copy() {
        return new UnroutableException(this);
    }
}
