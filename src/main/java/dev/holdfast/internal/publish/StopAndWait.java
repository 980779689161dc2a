package dev.holdfast.internal.publish;

import java.util.ArrayList;
import java.util.List;

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
 * A closed channel restricts its own publisher; a closed connection restricts all of them, also those created during the
 * search, because the cause may be on any channel. Pure, and guarded by the log's lock.
 */
final class StopAndWait {
    /** The messages of one publisher. */
    interface Sender {
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

    private final List<Sender> senders = new ArrayList<>();
    private boolean connectionScope;
    private int replyCode;

    /**
     * Starts the search after a close with this code whose cause is unknown.
     *
     * @param connectionScope whether the connection was closed, and {@code affected} are all senders of the connection
     */
    void begin(List<? extends Sender> affected, boolean connectionScope, int replyCode) {
        for (Sender sender : affected) {
            if (!senders.contains(sender)) {
                add(sender);
            }
        }
        this.connectionScope |= connectionScope;
        this.replyCode = replyCode;
    }

    /** Adds the sender of a new channel to a search over the connection: otherwise it could cause the next close. */
    void created(Sender sender) {
        if (connectionScope) {
            add(sender);
        }
    }

    private void add(Sender sender) {
        senders.add(sender);
        sender.setActive(true);
    }

    /** Whether a close proves that the one message which this sender has outstanding is the cause. */
    boolean proves(Sender sender, boolean connectionClosed) {
        return senders.contains(sender) && (connectionScope || !connectionClosed);
    }

    /** Whether a close has the reply code of the close that started the search. */
    boolean hasSameReplyCode(int code) {
        return code == replyCode;
    }

    /** Sends the next message, if none is outstanding; ends the search if no candidate is left. */
    void advance() {
        senders.removeIf(Sender::isFinished);
        for (Sender sender : senders) {
            if (sender.isBusy()) {
                return;
            }
        }
        boolean waiting = false;
        for (Sender sender : senders) {
            if (sender.hasCandidates()) {
                if (sender.sendOne()) {
                    return;
                }
                waiting |= sender.hasCandidates(); // unless sending dropped its last candidates
            }
        }
        if (!waiting) {
            end();
        }
    }

    /** Ends the search: all senders send without restriction. */
    void end() {
        List<Sender> released = List.copyOf(senders);
        senders.clear();
        connectionScope = false;
        released.forEach(sender -> sender.setActive(false));
    }
}
