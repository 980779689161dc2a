package dev.holdfast.internal.state;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;

/**
 * Finds the publish that a channel.close or connection.close refers to. Neither method carries a delivery tag: the
 * match is the first open publish whose exchange, routing key, size or property the reply text names.
 */
public final class CloseReasonMatcher {
    private static final String PUBLISH = "basic.publish";
    private static final int CONTENT_TOO_LARGE = 311;
    private static final int ACCESS_REFUSED = 403;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 406;
    private static final int NOT_IMPLEMENTED = 540;

    private final boolean mayBePublish;
    private final int replyCode;
    private final String text;

    /** @param cause the close by the broker */
    public CloseReasonMatcher(AmqpException cause) {
        mayBePublish = mayBePublish(cause);
        replyCode = cause instanceof AmqpChannelException refused
                ? refused.replyCode()
                : cause instanceof AmqpConnectionException lost ? lost.replyCode() : 0;
        text = replyText(String.valueOf(cause.getMessage()));
    }

    /**
     * Whether the close may have been caused by a publish: it names basic.publish as the failed method, or no method.
     */
    public static boolean mayBePublish(AmqpException cause) {
        String method = cause instanceof AmqpChannelException refused
                ? refused.failedMethod()
                : cause instanceof AmqpConnectionException lost ? lost.failedMethod() : PUBLISH;
        return method.isEmpty() || method.equals(PUBLISH);
    }

    /**
     * The reply text, without the prefix of our message and without the virtual host and user at the end of some texts.
     */
    private static String replyText(String message) {
        String text = message.substring(message.indexOf(": ") + 1);
        int vhost = text.indexOf(" in vhost '");
        return vhost < 0 ? text : text.substring(0, vhost);
    }

    /** Whether a publish with these options and a body of this many bytes may be the cause. */
    public boolean matches(PublishOptions options, long bodySize) {
        MessageProperties properties = options.properties();
        return mayBePublish
                && switch (replyCode) {
                    case NOT_FOUND -> text.contains("'" + options.exchange() + "'");
                    case ACCESS_REFUSED ->
                        text.contains("user id of the message '" + properties.userId() + "'")
                                || (text.contains("'" + options.exchange() + "'")
                                        && (!text.contains(" topic '")
                                                || text.contains(" topic '" + options.routingKey() + "'")));
                    // the texts of RabbitMQ and of Broker-J
                    case PRECONDITION_FAILED, CONTENT_TOO_LARGE ->
                        text.contains("essage size " + bodySize + " ")
                                || text.contains("essage size of " + bodySize + " ")
                                || text.contains("invalid expiration '" + properties.expiration() + "'")
                                || text.contains("user_id property set to '" + properties.userId() + "'");
                    case NOT_IMPLEMENTED -> text.contains("immediate") && options.immediate();
                    default -> false;
                };
    }
}
