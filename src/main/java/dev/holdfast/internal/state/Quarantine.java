package dev.holdfast.internal.state;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.internal.protocol.Method;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which declarations, or consumers, have ended connections: one that has ended two is not sent again.
 *
 * <p>Pure; event loop only. It holds something only for a connection that ended, so it stays small.
 *
 * @param <K> what tells them apart on every link
 */
public final class Quarantine<K> {
    /** Connections that one and the same may end. */
    static final int ENOUGH = 2;

    /** A network may fail so often at the same place by chance; a broker that dies of something always does. */
    public static final int ENOUGH_WITHOUT_A_WORD = 3;

    private final Map<K, Guilt> guilty = new HashMap<>();
    private @Nullable K lastCut;
    private int cuts;

    private record Guilt(int times, String last) {}

    /**
     * Why this may not be sent, null if it may.
     *
     * @param restoring whether a session waits for this to come back: it then does without for once where the link was cut at
     *     this again and again
     */
    public @Nullable String refusal(K what, boolean restoring) {
        Guilt guilt = guilty.get(what);
        if (guilt != null && guilt.times() >= ENOUGH) {
            return "it ended " + guilt.times() + " connections, the last by " + guilt.last();
        }
        if (restoring && cuts >= ENOUGH_WITHOUT_A_WORD && what.equals(lastCut)) {
            cuts = 0;
            return "the connection was lost at it " + ENOUGH_WITHOUT_A_WORD + " times";
        }
        return null;
    }

    /**
     * The connection ended while this was under way. True: it ended for this.
     *
     * @param method what was sent for it
     * @param alone whether nothing else was under way, so that a close that names nothing speaks of it too
     */
    public boolean ended(K what, Method method, AmqpConnectionException cause, boolean alone) {
        boolean blamed = BrokerFaults.isFault(cause)
                && (cause.failedMethod().equals(method.methodName())
                        || (alone && cause.failedMethod().isEmpty()));
        if (blamed) {
            Guilt before = guilty.get(what);
            int times = before == null ? 1 : before.times() + 1;
            guilty.put(what, new Guilt(times, method.methodName() + ": " + cause.getMessage()));
        }
        return blamed;
    }

    /** The link was lost without a word about it, while nothing but this was being restored. */
    public void cut(K what) {
        cuts = what.equals(lastCut) ? cuts + 1 : 1;
        lastCut = what;
    }

    /** It did no harm this time, or is not wanted any more. */
    public void forget(K what) {
        guilty.remove(what);
        if (what.equals(lastCut)) {
            cuts = 0;
        }
    }
}
