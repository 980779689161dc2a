package dev.holdfast.internal.publish;

import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.Segment;
import dev.holdfast.internal.outbound.SegmentLog;

/**
 * Copies the unsent messages of a window into the outbound log: all of them in order or, while {@link StopAndWait} searches
 * for the cause of a close, one at a time.
 *
 * <p>Event loop only, with the log's lock.
 */
final class Retransmission implements StopAndWait.Line {
    private final PublishState state;
    private final DeadlineSweeper sweeper;

    Retransmission(PublishState state, DeadlineSweeper sweeper) {
        this.state = state;
        this.sweeper = sweeper;
    }

    @Override
    public void hold(boolean held) {
        state.inLine = held;
        if (!held) {
            flow();
        }
    }

    @Override
    public boolean isBusy() {
        return state.window.head() < state.window.unsent();
    }

    @Override
    public boolean hasSuspects() {
        ConfirmWindow window = state.window;
        for (long position = window.unsent(); position < window.tail(); position++) {
            if (window.isLive(position) && window.has(position, ConfirmWindow.FREE_RETRY)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean sendOne() {
        if (!mayRelease()) {
            return false;
        }
        release(1);
        return isBusy();
    }

    /** Sends unsent messages if they may go: all of them, or the one whose turn it is. */
    void flow() {
        if (state.inLine) {
            state.oneAtATime.advance();
        } else if (mayRelease()) {
            release(Integer.MAX_VALUE);
        }
    }

    private boolean mayRelease() {
        return state.open && state.pendingDeclares.isEmpty() && state.log.link() != null;
    }

    /** Copies at most {@code max} unsent messages, record by record, for the current channel and its frame size. */
    private void release(int max) {
        dropUnsendable();
        ConfirmWindow window = state.window;
        long now = state.log.nanoTime();
        long end = Math.min(window.tail(), window.unsent() + max);
        int retried = 0;
        for (long position = window.unsent(); position < end; position++) {
            copy(position);
            boolean excused = window.has(position, ConfirmWindow.FREE_RETRY);
            if (excused || window.has(position, ConfirmWindow.RETRYING)) {
                retried++;
            }
            if (window.has(position, ConfirmWindow.RETRYING)) {
                window.clear(position, ConfirmWindow.RETRYING);
                window.attempts(position, window.attempts(position) + 1);
            }
            long deadline = now + state.confirmTimeout(window.options(position));
            window.attemptDeadline(position, deadline);
            sweeper.watch(deadline);
        }
        window.markSentBefore(end);
        count(retried);
        if (end == window.tail()) {
            state.dropHeldSegment();
        }
        if (state.log.appended()) {
            state.log.schedule();
        }
    }

    /** Removes the unsent messages that the caller has given up, and fails those that this link cannot carry. */
    private void dropUnsendable() {
        ConfirmWindow window = state.window;
        for (long position = window.unsent(); position < window.tail(); position++) {
            if (!window.isLive(position)) {
                continue;
            }
            if (window.future(position).isDone()) {
                state.drop(position);
                continue;
            }
            Throwable never =
                    state.unsendable(window.options(position), window.record(position), state.delivery(position));
            if (never != null) {
                state.fail(position, never);
            }
        }
        window.compact(window.unsent());
    }

    /** Copies one message to the end of the outbound log. */
    private void copy(long position) {
        MessageRecord record = state.window.record(position);
        int length = Math.toIntExact(record.copyLength(state.frameMax));
        Segment to;
        int offset;
        if (length > SegmentLog.SEGMENT_BYTES) {
            to = state.segments.newSegment(length);
            offset = 0;
            record.copyTo(to.appendBuffer(), state.channel, state.frameMax);
            state.segments.append(to);
        } else {
            to = state.segments.reserve(length);
            offset = to.length();
            record.copyTo(to.appendBuffer(), state.channel, state.frameMax);
        }
        state.segments.resolved(state.window.move(position, to, offset, length), 1);
    }

    private void count(int retried) {
        if (retried > 0) {
            state.log.counters().retried(retried);
            state.log.counters().replayed(retried);
            state.completions.addCallback(() -> state.log.events().replayed(retried));
        }
    }
}
