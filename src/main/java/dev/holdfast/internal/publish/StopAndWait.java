package dev.holdfast.internal.publish;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the publish that makes the broker close where the broker does not tell which one: what was under way is sent again
 * one message at a time, each resolved before the next, until the broker closes once more. Everything else waits behind.
 *
 * <pre>
 *   closed, no culprit ──begin──► one ──resolved──► one ──resolved──► ... nobody left ──► all flows
 *                                  └── closed: this one ──► all flows
 * </pre>
 *
 * A closed channel holds up its own publisher; a closed connection all of them, since any of their channels may have been
 * meant. Pure, and guarded by the log's lock.
 */
public final class StopAndWait {
    /** One publisher, as far as it is held up. */
    interface Line {
        /** Holds everything back, or lets it flow as soon as it may. */
        void hold(boolean held);

        /** A message of it is under way. */
        boolean isBusy();

        /** A message under suspicion waits in it. */
        boolean hasSuspects();

        /** Sends its first message. False: not now. */
        boolean sendOne();
    }

    private final List<Line> lines = new ArrayList<>();
    private boolean whole;
    private int replyCode;

    /**
     * The broker closed with this code, and nobody knows for whom.
     *
     * @param whole whether it was the connection, and these are all the publishes there are
     */
    void begin(List<? extends Line> suspects, boolean whole, int replyCode) {
        for (Line line : suspects) {
            if (!lines.contains(line)) {
                lines.add(line);
                line.hold(true);
            }
        }
        this.whole |= whole;
        this.replyCode = replyCode;
    }

    /** Whether the one message that this line has under way is the one that the broker closed for. */
    boolean proves(Line line, boolean connectionClosed) {
        return lines.contains(line) && (whole || !connectionClosed);
    }

    /** Whether the second close was for the same reason, as far as its code tells. */
    boolean sameReason(int code) {
        return code == replyCode;
    }

    /** Something was resolved, or may flow again. */
    void advance() {
        for (Line line : lines) {
            if (line.isBusy()) {
                return;
            }
        }
        boolean waiting = false;
        for (Line line : lines) {
            if (line.hasSuspects()) {
                if (line.sendOne()) {
                    return;
                }
                waiting |= line.hasSuspects(); // unless its suspects were given up
            }
        }
        if (!waiting) {
            end();
        }
    }

    /** Nobody is under suspicion any more. */
    void end() {
        List<Line> free = List.copyOf(lines);
        lines.clear();
        whole = false;
        free.forEach(line -> line.hold(false));
    }
}
