package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.outbound.ConfirmWindow;

/**
 * Finds the publish that a channel.close or connection.close refers to. Neither method carries a delivery tag: the
 * match is the first open publish whose exchange, routing key, size or property the reply text names.
 */
final class CloseReasonMatcher {
    private static final String PUBLISH = "basic.publish";
    private static final int CONTENT_TOO_LARGE = 311;
    private static final int ACCESS_REFUSED = 403;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 406;
    private static final int NOT_IMPLEMENTED = 540;

    private CloseReasonMatcher() {}

    /**
     * Whether the close may have been caused by a publish: it names basic.publish as the failed method, or no method.
     */
    static boolean mayBePublish(AmqpException cause) {
        String method = cause instanceof AmqpChannelException refused
                ? refused.failedMethod()
                : cause instanceof AmqpConnectionException lost ? lost.failedMethod() : PUBLISH;
        return method.isEmpty() || method.equals(PUBLISH);
    }

    /**
     * Returns the position of the publish, or -1 if none matches. A publish of which no byte was handed to the
     * transport cannot be the cause.
     */
    static long find(ConfirmWindow window, AmqpException cause) {
        if (!mayBePublish(cause)) {
            return -1;
        }
        int code = cause instanceof AmqpChannelException refused
                ? refused.replyCode()
                : cause instanceof AmqpConnectionException lost ? lost.replyCode() : 0;
        String text = replyText(String.valueOf(cause.getMessage()));
        for (long position = window.head(); position < window.unsent(); position++) {
            if (window.isLive(position)
                    && window.isTransferStarted(position)
                    && matches(window, position, code, text)) {
                return position;
            }
        }
        return -1;
    }

    /**
     * The reply text, without the prefix of our message and without the virtual host and user at the end of some texts.
     */
    private static String replyText(String message) {
        String text = message.substring(message.indexOf(": ") + 1);
        int vhost = text.indexOf(" in vhost '");
        return vhost < 0 ? text : text.substring(0, vhost);
    }

    private static boolean matches(ConfirmWindow window, long position, int code, String text) {
        PublishOptions options = window.options(position);
        MessageProperties properties = options.properties();
        return switch (code) {
            case NOT_FOUND -> text.contains("'" + options.exchange() + "'");
            case ACCESS_REFUSED ->
                text.contains("user id of the message '" + properties.userId() + "'")
                        || (text.contains("'" + options.exchange() + "'")
                                && (!text.contains(" topic '")
                                        || text.contains(" topic '" + options.routingKey() + "'")));
            // the texts of RabbitMQ and of Broker-J
            case PRECONDITION_FAILED, CONTENT_TOO_LARGE ->
                text.contains("essage size " + window.record(position).bodySize() + " ")
                        || text.contains(
                                "essage size of " + window.record(position).bodySize() + " ")
                        || text.contains("invalid expiration '" + properties.expiration() + "'")
                        || text.contains("user_id property set to '" + properties.userId() + "'");
            case NOT_IMPLEMENTED -> text.contains("immediate") && options.immediate();
            default -> false;
        };
    }
}
