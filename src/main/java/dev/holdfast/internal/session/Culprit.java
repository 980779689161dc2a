package dev.holdfast.internal.session;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;

/**
 * Which publish made the broker close the channel: channel.close carries no tag, so the first open publish that the
 * reply text speaks of.
 */
final class Culprit {
    private static final int ACCESS_REFUSED = 403;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 406;

    private Culprit() {}

    /** Its position, or -1 where no publish matches. What is still in the log cannot be it. */
    static long find(ConfirmWindow window, AmqpChannelException cause) {
        String text = blame(String.valueOf(cause.getMessage()));
        for (long position = window.head; position < window.held; position++) {
            if (window.isLive(position)
                    && window.handed(position)
                    && matches(window, position, cause.replyCode(), text)) {
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
            case NOT_FOUND, ACCESS_REFUSED -> text.contains("'" + options.exchange() + "'");
            case PRECONDITION_FAILED ->
                text.contains("message size " + window.record(position).bodySize() + " ")
                        || text.contains("invalid expiration '" + properties.expiration() + "'")
                        || text.contains("user_id property set to '" + properties.userId() + "'");
            default -> false;
        };
    }
}
