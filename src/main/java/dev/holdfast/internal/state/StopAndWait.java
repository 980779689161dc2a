package dev.holdfast.internal.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the publish for which the broker closes the channel or connection, if the reply text does not identify it, by
 * stop-and-wait retransmission: the candidates, which were in flight at the close, are sent again one at a time, each
 * after the outcome of the previous one. If the broker closes again, the one outstanding message is the cause. All
 * other messages stay unsent meanwhile.
 *
 * <pre>
 *   closed, cause unknown ──begin──► send one ──outcome──► send one ──outcome──► ... no candidate left ──► send all
 *                                       └── closed again: this one is the cause ──► send all
 * </pre>
 *
 * A closed channel restricts its own publisher; a closed connection restricts all of them, also those created during
 * the search, because the cause may be on any channel. The searches are independent: a channel whose search is not over
 * stays restricted when the search over the connection is. Pure, and guarded by the log's lock.
 */
public final class StopAndWait {
    /** The messages of one publisher. */
    public interface Sender {
        /**
         * Starts or ends the restriction to one outstanding message. When it ends, all unsent messages are sent, if the
         * channel permits it.
         */
        void setActive(boolean active);

        /** Whether it has sent its last message. */
        boolean isFinished();

        /** Whether a message is outstanding. */
        boolean isBusy();

        /** Whether an unsent message is a candidate. */
        boolean hasCandidates();

        /** Sends the first unsent message. Returns false if it must not be sent now. */
        boolean sendOne();
    }

    /** The senders whose channel the broker closed for an unknown cause, and the reply code of the close. */
    private final Map<Sender, Integer> channels = new LinkedHashMap<>();

    /** All senders, if the broker closed the connection for an unknown cause. */
    private final List<Sender> connection = new ArrayList<>();

    private int connectionCode;

    /** A message was sent alone on this link and its channel ended before the answer: it may cause the next close. */
    private boolean unanswered;

    /** Starts the search after a channel.close with this code whose cause is unknown. */
    public void begin(Sender sender, int replyCode) {
        channels.put(sender, replyCode);
        sender.setActive(true);
    }

    /** Starts the search after a connection.close with this code whose cause is unknown. */
    public void beginAll(List<? extends Sender> all, int replyCode) {
        connection.clear();
        connectionCode = replyCode;
        all.forEach(this::add);
    }

    /** Adds the sender of a new channel to a search over the connection: otherwise it could cause the next close. */
    public void created(Sender sender) {
        if (!connection.isEmpty()) {
            add(sender);
        }
    }

    private void add(Sender sender) {
        connection.add(sender);
        sender.setActive(true);
    }

    /** The client closes the channel of the outstanding message before its answer; another channel sends next. */
    public void unanswered() {
        unanswered = true;
    }

    /** The link is lost: what was sent on it causes no later close. */
    public void linkLost() {
        unanswered = false;
    }

    /** Whether a close proves that the one message which this sender has outstanding is the cause. */
    public boolean proves(Sender sender, boolean connectionClosed) {
        return connectionClosed
                ? connection.contains(sender) && !unanswered
                : connection.contains(sender) || channels.containsKey(sender);
    }

    /**
     * A close has proved a message of this sender to be its cause. Ends the search that a close of the same channel or
     * of the connection with the same code began.
     */
    public void found(Sender sender, boolean connectionClosed, int replyCode) {
        if (connectionClosed && replyCode == connectionCode) {
            endAll();
        } else if (!connectionClosed && channels.containsKey(sender) && channels.get(sender) == replyCode) {
            end(sender);
        }
    }

    /** Sends the next message of each search, if none is outstanding; ends those that have no candidate left. */
    public void advance() {
        connection.removeIf(Sender::isFinished);
        channels.keySet().removeIf(Sender::isFinished);
        if (!connection.isEmpty() && !hasNext(connection)) {
            endAll();
        }
        if (connection.isEmpty()) {
            for (Sender sender : List.copyOf(channels.keySet())) {
                if (!hasNext(List.of(sender))) {
                    end(sender);
                }
            }
        }
    }

    /** Sends the next message of these senders. Returns false if there is no candidate. */
    private static boolean hasNext(Collection<Sender> senders) {
        for (Sender sender : senders) {
            if (sender.isBusy()) {
                return true;
            }
        }
        boolean waiting = false;
        for (Sender sender : senders) {
            if (sender.hasCandidates()) {
                if (sender.sendOne()) {
                    return true;
                }
                waiting |= sender.hasCandidates(); // unless sending dropped its last candidates
            }
        }
        return waiting;
    }

    private void end(Sender sender) {
        channels.remove(sender);
        if (!connection.contains(sender)) {
            sender.setActive(false);
        }
    }

    private void endAll() {
        List<Sender> released = List.copyOf(connection);
        connection.clear();
        for (Sender sender : released) {
            if (!channels.containsKey(sender)) {
                sender.setActive(false);
            }
        }
    }
}
