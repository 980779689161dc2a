package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.outbound.ConfirmWindow;

/**
 * Which publish made the broker close: neither channel.close nor connection.close carries a tag, so the first open publish
 * that the reply text speaks of.
 */
final class CloseReasonMatcher {
    private static final String PUBLISH = "basic.publish";
    private static final int CONTENT_TOO_LARGE = 311;
    private static final int ACCESS_REFUSED = 403;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 406;
    private static final int NOT_IMPLEMENTED = 540;

    private CloseReasonMatcher() {}

    /** Whether the broker may have closed for a publish: it names that method, or none. */
    static boolean mayBePublish(AmqpException cause) {
        String method = cause instanceof AmqpChannelException refused
                ? refused.failedMethod()
                : cause instanceof AmqpConnectionException lost ? lost.failedMethod() : PUBLISH;
        return method.isEmpty() || method.equals(PUBLISH);
    }

    /** Its position, or -1 where no publish matches. What is still in the log cannot be it. */
    static long find(ConfirmWindow window, AmqpException cause) {
        if (!mayBePublish(cause)) {
            return -1;
        }
        int code = cause instanceof AmqpChannelException refused
                ? refused.replyCode()
                : cause instanceof AmqpConnectionException lost ? lost.replyCode() : 0;
        String text = blame(String.valueOf(cause.getMessage()));
        for (long position = window.head(); position < window.unsent(); position++) {
            if (window.isLive(position)
                    && window.isTransferStarted(position)
                    && matches(window, position, code, text)) {
                return position;
            }
        }
        return -1;
    }

    /** The broker's words without ours before them, and without the virtual host and user that some end with. */
    private static String blame(String message) {
        String words = message.substring(message.indexOf(": ") + 1);
        int tail = words.indexOf(" in vhost '");
        return tail < 0 ? words : words.substring(0, tail);
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
            // RabbitMQ's words, and Broker-J's
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
