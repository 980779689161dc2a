package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.outbound.ConfirmWindow;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Enforces the deadlines of all messages of a window with one timer, which fires at the earliest one, scans the ring
 * and is set again. A publish costs one comparison.
 */
final class DeadlineSweeper {
    private final PublishState state;
    private final EventLoop loop;
    private final RetryScheduler retryScheduler;
    private final PublishContext context;

    /** No deadline is earlier than this. Guarded by the log's lock. */
    private long earliestWatched = ConfirmWindow.NO_DEADLINE;

    /** Event loop only. */
    private @Nullable ScheduledFuture<?> timer;

    /** The exception that messages which time out in one scan share. Event loop only. */
    private @Nullable AmqpTimeoutException sharedTimeout;

    DeadlineSweeper(PublishState state, EventLoop loop, RetryScheduler retryScheduler, PublishContext context) {
        this.state = state;
        this.loop = loop;
        this.retryScheduler = retryScheduler;
        this.context = context;
    }

    /** Sets the timer to this time if it is due later. Needs the lock. */
    void watch(long deadline) {
        if (deadline < earliestWatched) {
            loop.execute(this::setTimer);
            earliestWatched = deadline;
        }
    }

    private void setTimer() {
        long time;
        state.log.lock();
        try {
            time = earliestWatched;
        } finally {
            state.log.unlock();
        }
        if (timer != null) {
            boolean unused = timer.cancel(false);
            timer = null;
        }
        if (time != ConfirmWindow.NO_DEADLINE) {
            timer = loop.schedule(
                    () -> state.log.runGuarded(this::sweep),
                    Math.max(0, time - state.log.nanoTime()),
                    TimeUnit.NANOSECONDS);
        }
    }

    private void sweep() {
        AmqpException replaceCause = null;
        state.log.lock();
        try {
            long now = state.log.nanoTime();
            long earliest = ConfirmWindow.NO_DEADLINE;
            earliestWatched = ConfirmWindow.NO_DEADLINE; // the next watch sets the timer if this scan throws
            for (long position = state.window.head(); position < state.window.tail(); position++) {
                if (!state.window.isLive(position)) {
                    continue;
                }
                AmqpException expired = expire(position, now);
                replaceCause = expired == null ? replaceCause : expired;
                if (state.window.isLive(position)) {
                    earliest = Math.min(earliest, nextCheck(position));
                }
            }
            sharedTimeout = null;
            earliestWatched = Math.min(earliest, earliestWatched);
            if (replaceCause != null) {
                state.open = false; // nothing more is sent on the channel, which is replaced below
            }
            state.advance();
        } finally {
            state.log.unlock();
        }
        try {
            state.completions.completeAll();
        } finally {
            setTimer();
        }
        if (replaceCause != null) {
            context.replaceChannel(replaceCause);
        }
    }

    /** When this message must be checked again. */
    private long nextCheck(long position) {
        ConfirmWindow window = state.window;
        long next = Math.min(window.deadline(position), window.attemptDeadline(position));
        // While the link is up no round can fail, and the timer would fire again and again for a retry that is due.
        boolean retryDue = window.has(position, ConfirmWindow.RETRYING)
                && state.lastFailure != null
                && state.failedRounds > window.retryRound(position);
        return retryDue ? Math.min(next, window.retryAt(position)) : next;
    }

    /** Applies the deadlines of one message. Returns why the channel must be replaced, or null if it need not be. */
    private @Nullable AmqpException expire(long position, long now) {
        ConfirmWindow window = state.window;
        boolean sent = position < window.unsent();
        // Under stop-and-wait, the next message is sent only when a close cannot refer to this one any more.
        boolean alone = state.stopAndWaitActive && sent;
        if (isPassed(window.deadline(position), now)) {
            AmqpTimeoutException cause = timeout(position, "timeout");
            state.failWithStatus(position, cause);
            return alone ? cause : null;
        }
        if (window.has(position, ConfirmWindow.RETRYING)) {
            if (state.lastFailure != null) {
                retryScheduler.roundFailed(position, state.lastFailure, now);
            }
            return null;
        }
        if (!isPassed(window.attemptDeadline(position), now)) {
            return null;
        }
        AmqpTimeoutException cause = timeout(position, "confirmTimeout");
        if (window.options(position).retryPolicy().isNone()) {
            state.failWithStatus(position, cause);
            return alone ? cause : null;
        }
        if (sent) {
            window.set(position, ConfirmWindow.MAYBE_DELIVERED);
        }
        retryScheduler.attemptLost(position, cause, now);
        // A new channel costs the other messages a retransmission: only for a message sent here that is sent again.
        return alone || (sent && window.isLive(position)) ? cause : null;
    }

    private AmqpTimeoutException timeout(long position, String name) {
        PublishOptions options = state.window.options(position);
        String held = context.heldReason();
        String blocked = held != null ? held : state.blockedReason();
        String reason = blocked != null
                ? ": " + blocked
                : !state.open && state.lastFailure != null ? ": no connection: " + state.lastFailure.getMessage() : "";
        String message = name + " passed for a publish to exchange '" + options.exchange() + "'" + reason;
        AmqpTimeoutException cause = sharedTimeout;
        if (cause == null || !message.equals(cause.getMessage())) {
            cause = new AmqpTimeoutException(message);
            sharedTimeout = cause;
        }
        return cause;
    }

    private static boolean isPassed(long deadline, long now) {
        return deadline != ConfirmWindow.NO_DEADLINE && now - deadline >= 0;
    }
}
