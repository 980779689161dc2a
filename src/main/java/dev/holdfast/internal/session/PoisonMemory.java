package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.internal.protocol.Method;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which declarations have ended connections: one that has ended two is not sent again.
 *
 * <p>Pure; event loop only. It holds a declaration only for a connection that ended, so it stays small.
 */
final class PoisonMemory {
    /** Connections that one and the same may end. */
    static final int ENOUGH = 2;

    /** A network may fail so often at the same place by chance; a broker that dies of a declaration always does. */
    private static final int ENOUGH_WITHOUT_A_WORD = 3;

    private final Map<Method, Integer> ended = new HashMap<>();
    private @Nullable Method lastCut;
    private int cuts;

    /**
     * Why this may not be sent, null if it may.
     *
     * @param restoring whether a session waits for this to come back: it then does without for once where the link was cut at
     *     this again and again
     */
    @Nullable
    AmqpConnectionException refusal(Method method, boolean restoring) {
        if (ended.getOrDefault(method, 0) >= ENOUGH) {
            return refused(method, "it ended " + ENOUGH + " connections");
        }
        if (restoring && cuts >= ENOUGH_WITHOUT_A_WORD && method.equals(lastCut)) {
            cuts = 0;
            return refused(method, "the connection was lost at it " + ENOUGH_WITHOUT_A_WORD + " times");
        }
        return null;
    }

    private static AmqpConnectionException refused(Method method, String why) {
        return new AmqpConnectionException(
                method.methodName() + " is not sent again: " + why + " (" + method + ")",
                null,
                0,
                Initiator.CLIENT,
                false);
    }

    /**
     * The connection ended while this was under way. True: it ended for this.
     *
     * @param alone whether nothing else was under way, so that a close that names nothing speaks of it too
     */
    boolean ended(Method method, AmqpConnectionException cause, boolean alone) {
        boolean guilty = isBlamed(method, cause, alone);
        if (guilty) {
            ended.merge(method, 1, Integer::sum);
        }
        return guilty;
    }

    /** Whether the broker closed for this method, which was under way; {@code alone} as above. */
    static boolean isBlamed(Method method, AmqpConnectionException cause, boolean alone) {
        return isFault(cause)
                && (cause.failedMethod().equals(method.methodName())
                        || (alone && cause.failedMethod().isEmpty()));
    }

    /** Whether the broker closed because of something that this client sent. */
    static boolean isFault(AmqpConnectionException cause) {
        return cause.initiator() == Initiator.BROKER && !cause.recoverable();
    }

    /** The link was lost without a word about it, while nothing but this was being restored. */
    void cut(Method method) {
        cuts = method.equals(lastCut) ? cuts + 1 : 1;
        lastCut = method;
    }
}
