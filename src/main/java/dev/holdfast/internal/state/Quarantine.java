package dev.holdfast.internal.state;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.internal.protocol.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which declarations, consumers or gets ended connections, and refuses to send one again that has ended two.
 * A quarantined request cannot end every new connection of a session.
 *
 * <p>Pure; event loop only. It remembers the last 1024 requests that ended a connection.
 *
 * @param <K> identifies a request across links
 */
public final class Quarantine<K> {
    /** Connections that a request may end before it is refused. */
    static final int MAX_FAULTS = 2;

    /**
     * Link losses without a close, in a row and during the same request, after which the request is skipped. A network
     * may fail twice at the same request by chance; a broker that crashes on a request always does.
     */
    public static final int MAX_LINK_LOSSES = 3;

    /** Most requests that are remembered; the oldest is forgotten first. */
    static final int MAX_REQUESTS = 1024;

    private final Map<K, Faults> faults = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, Faults> eldest) {
            return size() > MAX_REQUESTS;
        }
    };
    private @Nullable K lastLost;
    private int linkLosses;

    private record Faults(int count, String last) {}

    /**
     * Returns why the request may not be sent; null if it may.
     *
     * @param restoring whether a session restores the request on a new link: after too many link losses, the request is
     *     skipped once
     */
    public @Nullable String refusal(K request, boolean restoring) {
        Faults known = faults.get(request);
        if (known != null && known.count() >= MAX_FAULTS) {
            return "it ended " + known.count() + " connections, the last by " + known.last();
        }
        if (restoring && linkLosses >= MAX_LINK_LOSSES && request.equals(lastLost)) {
            linkLosses = 0;
            return "the connection was lost " + MAX_LINK_LOSSES + " times in a row while it was restored";
        }
        return null;
    }

    /**
     * The connection was closed while the request was outstanding. Returns whether the close is attributed to it.
     *
     * @param method the method that was sent for the request
     * @param alone whether no other request was outstanding, so that a close that names no method refers to this one
     */
    public boolean recordClose(K request, Method method, AmqpConnectionException cause, boolean alone) {
        boolean attributed = BrokerFaults.isFault(cause)
                && (cause.failedMethod().equals(method.methodName())
                        || (alone && cause.failedMethod().isEmpty()));
        if (attributed) {
            record(request, method.methodName() + ": " + cause.getMessage());
        }
        return attributed;
    }

    /**
     * This client closed the connection because of what the broker sent for the request. Returns why it is in
     * quarantine; null while it is not.
     */
    public @Nullable String recordFault(K request, AmqpException cause) {
        record(request, String.valueOf(cause.getMessage()));
        return refusal(request, false);
    }

    private void record(K request, String last) {
        Faults before = faults.get(request);
        faults.put(request, new Faults(before == null ? 1 : before.count() + 1, last));
    }

    /** The link was lost without a close by the broker, while only this request was being restored. */
    public void recordLinkLoss(K request) {
        linkLosses = request.equals(lastLost) ? linkLosses + 1 : 1;
        lastLost = request;
    }

    /** Forgets the faults of all requests. */
    public void clear() {
        faults.clear();
    }

    /** Forgets the faults of the request: it succeeded, or is not wanted any more. */
    public void release(K request) {
        faults.remove(request);
        if (request.equals(lastLost)) {
            linkLosses = 0;
        }
    }
}
