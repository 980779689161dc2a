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
 * Watches the deadlines of a window with one timer: it fires at the earliest, walks the ring once and is set again. A
 * publish costs one comparison.
 */
final class DeadlineSweeper {
    private final PublishState state;
    private final EventLoop loop;
    private final RetryScheduler retrying;
    private final PublishContext host;

    /** Under the lock: no deadline is earlier than this. */
    private long watched = ConfirmWindow.NO_DEADLINE;

    /** Event loop only. */
    private @Nullable ScheduledFuture<?> timer;

    /** What the present walk has made: messages whose time is over together share it. Event loop only. */
    private @Nullable AmqpTimeoutException last;

    DeadlineSweeper(PublishState state, EventLoop loop, RetryScheduler retrying, PublishContext host) {
        this.state = state;
        this.loop = loop;
        this.retrying = retrying;
        this.host = host;
    }

    /** A message has this deadline. Needs the lock. */
    void watch(long deadline) {
        if (deadline < watched) {
            watched = deadline;
            loop.execute(this::rearm);
        }
    }

    private void rearm() {
        long at;
        state.log.lock();
        try {
            at = watched;
        } finally {
            state.log.unlock();
        }
        if (timer != null) {
            boolean unused = timer.cancel(false);
            timer = null;
        }
        if (at != ConfirmWindow.NO_DEADLINE) {
            timer = loop.schedule(this::sweep, Math.max(0, at - state.log.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }

    private void sweep() {
        AmqpException replace = null;
        state.log.lock();
        try {
            long now = state.log.nanoTime();
            long earliest = ConfirmWindow.NO_DEADLINE;
            for (long position = state.window.head(); position < state.window.tail(); position++) {
                if (!state.window.isLive(position)) {
                    continue;
                }
                AmqpException expired = expire(position, now);
                replace = expired == null ? replace : expired;
                if (state.window.isLive(position)) {
                    earliest = Math.min(earliest, next(position));
                }
            }
            last = null;
            watched = earliest;
            if (replace != null) {
                state.open = false; // nothing more goes out on the channel that is about to be replaced
            }
            state.settled();
        } finally {
            state.log.unlock();
        }
        try {
            state.completions.completeAll();
        } finally {
            rearm();
        }
        if (replace != null) {
            host.replaceChannel(replace);
        }
    }

    /** When this message needs to be looked at again. */
    private long next(long position) {
        ConfirmWindow window = state.window;
        long next = Math.min(window.deadline(position), window.attemptDeadline(position));
        // Once the link is up no round can use the retry up any more, and a look at it would find it due for ever.
        boolean retryDue = window.has(position, ConfirmWindow.RETRYING)
                && state.lastFailure != null
                && state.rounds > window.retryRound(position);
        return retryDue ? Math.min(next, window.retryAt(position)) : next;
    }

    /** Ends what is over. Not null: an attempt that will be made again has timed out, which needs a new channel. */
    private @Nullable AmqpException expire(long position, long now) {
        ConfirmWindow window = state.window;
        boolean written = position < window.unsent();
        // While a culprit is looked for, the next goes only when this one cannot be meant any more.
        boolean sole = state.inLine && written;
        if (passed(window.deadline(position), now)) {
            AmqpTimeoutException late = timeout(position, "timeout");
            state.failDelivery(position, late);
            return sole ? late : null;
        }
        if (window.has(position, ConfirmWindow.RETRYING)) {
            if (state.lastFailure != null) {
                retrying.roundFailed(position, state.lastFailure, now);
            }
            return null;
        }
        if (!passed(window.attemptDeadline(position), now)) {
            return null;
        }
        AmqpTimeoutException cause = timeout(position, "confirmTimeout");
        if (window.options(position).retryPolicy().isNone()) {
            state.failDelivery(position, cause);
            return sole ? cause : null;
        }
        if (written) {
            window.set(position, ConfirmWindow.MAYBE_DELIVERED);
        }
        retrying.attemptLost(position, cause, now);
        // Neighbours pay for a new channel: only a message that was written here and goes again is worth it.
        return sole || (written && window.isLive(position)) ? cause : null;
    }

    private AmqpTimeoutException timeout(long position, String name) {
        PublishOptions options = state.window.options(position);
        String blocked = state.blocked();
        String reason = blocked != null
                ? ": " + blocked
                : !state.open && state.lastFailure != null ? ": no connection: " + state.lastFailure.getMessage() : "";
        String message = name + " passed for a publish to exchange '" + options.exchange() + "'" + reason;
        AmqpTimeoutException cause = last;
        if (cause == null || !message.equals(cause.getMessage())) {
            cause = new AmqpTimeoutException(message);
            last = cause;
        }
        return cause;
    }

    private static boolean passed(long deadline, long now) {
        return deadline != ConfirmWindow.NO_DEADLINE && now - deadline >= 0;
    }
}
