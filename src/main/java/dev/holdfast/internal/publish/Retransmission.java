package dev.holdfast.internal.publish;

import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.Segment;
import dev.holdfast.internal.outbound.SegmentLog;
import dev.holdfast.internal.state.StopAndWait;

/**
 * Copies the unsent messages of a window into the outbound log: all of them in order or, while {@link StopAndWait}
 * searches for the cause of a close, one at a time.
 *
 * <p>Event loop only, with the log's lock.
 */
final class Retransmission implements StopAndWait.Sender {
    private final PublishState state;
    private final DeadlineSweeper sweeper;

    Retransmission(PublishState state, DeadlineSweeper sweeper) {
        this.state = state;
        this.sweeper = sweeper;
    }

    @Override
    public void setActive(boolean active) {
        state.stopAndWaitActive = active;
        if (!active) {
            sendUnsent();
        }
    }

    @Override
    public boolean isFinished() {
        return state.closeCause != null && state.outstanding() == 0;
    }

    @Override
    public boolean isBusy() {
        return state.window.head() < state.window.unsent();
    }

    @Override
    public boolean hasCandidates() {
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
        if (!maySend()) {
            return false;
        }
        send(1);
        return isBusy();
    }

    /** Sends all unsent messages that may be sent now or, under stop-and-wait, the next one. */
    void sendUnsent() {
        if (state.stopAndWaitActive) {
            state.stopAndWait.advance();
        } else if (maySend()) {
            send(Integer.MAX_VALUE);
        }
    }

    private boolean maySend() {
        return state.open && state.stallCause == null && state.pendingDeclares.isEmpty() && state.log.link() != null;
    }

    /**
     * Copies at most {@code max} unsent messages, record by record, for the current channel and its frame size. Each
     * counts as sent as soon as its bytes are in the log.
     */
    private void send(int max) {
        removeUnsendable();
        ConfirmWindow window = state.window;
        long now = state.log.nanoTime();
        int sent = 0;
        int retried = 0;
        while (sent < max && window.unsent() < window.tail()) {
            long position = window.unsent();
            long attempt = window.attemptDeadline(position);
            if (attempt == ConfirmWindow.NO_DEADLINE) {
                attempt = sweeper.beginAttempt(window.options(position), now);
            }
            if (!copy(position)) {
                window.compact(position);
                continue;
            }
            window.markSentBefore(position + 1);
            window.attemptDeadline(position, attempt);
            sent++;
            boolean freeRetry = window.has(position, ConfirmWindow.FREE_RETRY);
            if (freeRetry || window.has(position, ConfirmWindow.RETRYING)) {
                retried++;
            }
            if (window.has(position, ConfirmWindow.RETRYING)) {
                window.clear(position, ConfirmWindow.RETRYING);
                window.attempts(position, window.attempts(position) + 1);
            }
        }
        count(retried);
        if (window.unsent() == window.tail()) {
            state.sealUnsentSegment();
        }
        if (state.log.appended()) {
            state.log.schedule();
        }
    }

    /** Removes cancelled messages, and fails those that this link cannot carry. */
    private void removeUnsendable() {
        ConfirmWindow window = state.window;
        for (long position = window.unsent(); position < window.tail(); position++) {
            if (!window.isLive(position)) {
                continue;
            }
            if (window.future(position).isDone()) {
                state.dropCancelled(position);
                continue;
            }
            Throwable unsendable = state.unsendableCause(
                    window.options(position), window.record(position), state.deliveryStatus(position));
            if (unsendable != null) {
                state.fail(position, unsendable);
            }
        }
        window.compact(window.unsent());
        state.roomFreed(); // a confirm of another publisher may have led here
    }

    /**
     * Copies one message to the end of the outbound log. A large one for which there is no memory fails.
     *
     * @return whether it was copied
     */
    private boolean copy(long position) {
        MessageRecord record = state.window.record(position);
        int length = Math.toIntExact(record.copyLength(state.frameMax));
        Segment to;
        int offset = 0;
        if (length > SegmentLog.SEGMENT_BYTES) {
            try {
                to = state.segments.newSegment(length);
            } catch (OutOfMemoryError e) {
                state.failWithError(position, e);
                return false;
            }
            try {
                record.copyTo(to.appendBuffer(), state.channel, state.frameMax);
            } catch (RuntimeException | Error e) {
                state.segments.recycle(to);
                throw e;
            }
            state.segments.append(to);
        } else {
            to = state.segments.reserve(length);
            offset = to.length();
            record.copyTo(to.appendBuffer(), state.channel, state.frameMax);
        }
        state.segments.resolved(state.window.move(position, to, offset, length), 1);
        return true;
    }

    private void count(int retried) {
        if (retried > 0) {
            state.log.counters().retried(retried);
            state.log.counters().replayed(retried);
            state.completions.addCallback(() -> state.log.events().replayed(retried));
        }
    }
}
