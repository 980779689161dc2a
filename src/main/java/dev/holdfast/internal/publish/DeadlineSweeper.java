package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.outbound.BrokerSilence;
import dev.holdfast.internal.outbound.ConfirmWindow;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Enforces the deadlines of all messages of a window with one timer, which fires at the earliest one, scans the ring
 * and is set again. A publish costs one comparison.
 *
 * <p>A confirm that is late ends one attempt. If the channel has answered since the message was sent, the message is
 * retried on it as after a nack: its place is free, and a late confirm of it is ignored. If not, the channel is
 * stalled: until it answers it sends nothing more, and it is replaced once no message without a policy waits for its
 * confirm.
 */
final class DeadlineSweeper {
    /** A timer that fires this late shows that this process was stopped: confirms may be unread. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Time to read confirms before an attempt fails, if they may be unread. */
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final PublishState state;
    private final EventLoop loop;
    private final RetryScheduler retryScheduler;
    private final PublishContext context;

    /** No deadline is earlier than this, by the wall clock. Guarded by the log's lock. */
    private long earliestWatched = ConfirmWindow.NO_DEADLINE;

    /** Event loop only, as are the fields below. */
    private @Nullable ScheduledFuture<?> timer;

    private long timerDue;

    /** The last scan gave the socket time to be read. */
    private boolean graceGiven;

    /** The exception that messages which time out in one scan share. */
    private @Nullable AmqpTimeoutException sharedTimeout;

    DeadlineSweeper(PublishState state, EventLoop loop, RetryScheduler retryScheduler, PublishContext context) {
        this.state = state;
        this.loop = loop;
        this.retryScheduler = retryScheduler;
        this.context = context;
    }

    /** Sets the timer to this time of the wall clock if it is due later. Needs the lock. */
    void watch(long deadline) {
        if (deadline < earliestWatched) {
            loop.execute(this::setTimer);
            earliestWatched = deadline;
        }
    }

    /** The publisher is closed and has no messages: the timer would retain it. Event loop only; needs the lock. */
    void stop() {
        earliestWatched = ConfirmWindow.NO_DEADLINE;
        if (timer != null) {
            boolean unused = timer.cancel(false);
            timer = null;
        }
    }

    /** Returns the deadline of an attempt that begins now, by the clock of such attempts. Needs the lock. */
    long beginAttempt(PublishOptions options, long now) {
        long timeout = state.confirmTimeoutNanos(options);
        watch(now + timeout);
        return state.clock.at(now, options) + timeout;
    }

    /** The broker has answered a message on this channel. Needs the lock. */
    void answered() {
        state.clock.answered();
        if (state.stallCause != null) {
            watch(state.log.now());
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
            long now = state.log.nanoTime();
            timerDue = Math.max(time, now);
            timer = loop.schedule(state.log.guarded(this::sweep), timerDue - now, TimeUnit.NANOSECONDS);
        }
    }

    private void sweep() {
        Scan scan;
        state.log.lock();
        try {
            scan = new Scan();
            scan.run();
            state.advance();
        } finally {
            state.log.unlock();
        }
        try {
            state.completions.completeAll();
        } finally {
            setTimer();
        }
        if (scan.replaceCause != null) {
            context.replaceChannel(scan.replaceCause, scan.owedSince);
        }
    }

    /** One pass over the window. */
    private final class Scan {
        private final ConfirmWindow window = state.window;
        private final long now = state.log.nanoTime();
        private final long attemptNow = state.clock.at(now);

        /** Confirms may be unread: attempts fail at the next scan. */
        private final boolean grace = !graceGiven && now - timerDue > LATE_NANOS;

        /** Whether attempts with a policy may end. */
        private final boolean ends = !grace && state.clock.runs();

        /** A message without a policy waits for its confirm. */
        private boolean othersWait;

        /** When the oldest late message was sent for which the channel is stalled, and why its attempt ends. */
        private long lateSince = Long.MAX_VALUE;

        private @Nullable AmqpException lateCause;

        /** Why the channel must be replaced, and since when it owes an answer; null if it need not be replaced. */
        private @Nullable AmqpException replaceCause;

        private long owedSince = state.log.silence().now();

        void run() {
            long earliest = ConfirmWindow.NO_DEADLINE;
            earliestWatched = ConfirmWindow.NO_DEADLINE; // the next watch sets the timer if this scan throws
            for (long position = window.head(); position < window.tail(); position++) {
                if (window.isLive(position)) {
                    expire(position);
                }
                if (window.isLive(position)) {
                    earliest = Math.min(earliest, nextCheck(position));
                }
            }
            if (state.stallCause != null
                    && !ends) { // an answer may have ended the stall, with no message left to wake this timer
                earliest = Math.min(earliest, now + (grace ? GRACE_NANOS : BrokerSilence.RECHECK_NANOS));
            }
            sharedTimeout = null;
            graceGiven = grace;
            earliestWatched = Math.min(earliest, earliestWatched);
            if (ends && state.open) {
                stall();
            }
            if (replaceCause != null) {
                state.open = false; // nothing more is sent on the channel, which is replaced below
            }
        }

        private void stall() {
            boolean answered = state.stallCause != null && state.clock.answeredSince(state.stalledSince);
            if (answered) {
                state.stallCause = null;
            }
            if (lateCause != null && (state.stallCause == null || lateSince < state.stalledSince)) {
                state.stallCause = lateCause;
                state.stalledSince = lateSince;
            }
            if (state.stallCause != null && !othersWait) {
                replaceCause = state.stallCause;
                owedSince -= attemptNow - state.stalledSince;
            } else if (state.stallCause == null && answered) {
                state.sendUnsent.run();
            }
        }

        /** When this message must be checked again, by the wall clock. */
        private long nextCheck(long position) {
            long next = window.deadline(position);
            long attempt = window.attemptDeadline(position);
            if (window.has(position, ConfirmWindow.RETRYING)) {
                // While the link is up no round can fail, and the timer would fire again and again for a due retry.
                boolean retryDue = state.lastFailure != null && state.failedRounds > window.retryRound(position);
                return retryDue ? Math.min(next, window.retryAt(position)) : next;
            } else if (attempt == ConfirmWindow.NO_DEADLINE) {
                return next;
            } else if (!window.options(position).retryPolicy().isNone()) {
                if (ends && attempt - attemptNow <= 0) {
                    return next; // stalled: the next answer, or the end of a message without a policy, starts a scan
                }
                attempt = now + state.clock.remaining(attempt, now, window.options(position));
            }
            return Math.min(next, grace ? Math.max(attempt, now + GRACE_NANOS) : attempt);
        }

        /** Applies the deadlines of one message. */
        private void expire(long position) {
            boolean sent = position < window.unsent();
            // Under stop-and-wait, the next message is sent only when a close cannot refer to this one any more.
            boolean alone = state.stopAndWaitActive && sent;
            if (isPassed(window.deadline(position), now)) {
                end(position, "timeout", alone);
            } else if (window.has(position, ConfirmWindow.RETRYING)) {
                if (state.lastFailure != null) {
                    retryScheduler.roundFailed(position, state.lastFailure, now);
                }
            } else if (window.options(position).retryPolicy().isNone()) {
                if (!grace && isPassed(window.attemptDeadline(position), now)) {
                    end(position, "confirmTimeout", alone);
                } else {
                    othersWait |= sent;
                }
            } else if (ends && isPassed(window.attemptDeadline(position), attemptNow)) {
                late(position, timeout(position, "confirmTimeout"), alone);
            }
        }

        private void end(long position, String limit, boolean alone) {
            AmqpTimeoutException cause = timeout(position, limit);
            state.failWithStatus(position, cause);
            replaceCause = alone ? cause : replaceCause;
        }

        /** The confirm of a message with a policy, which was sent, is late. */
        private void late(long position, AmqpTimeoutException cause, boolean alone) {
            PublishOptions options = window.options(position);
            RetryPolicy policy = options.retryPolicy();
            long timeout = state.confirmTimeoutNanos(options);
            long sentAt = window.attemptDeadline(position) - timeout;
            if (!alone && (!policy.retries(cause) || policy.exhausted(window.attempts(position)))) {
                retryScheduler.attemptLost(position, cause, now); // fails: the channel need not be replaced for it
            } else if (alone || !state.clock.answeredSince(sentAt)) {
                lateSince = Math.min(lateSince, sentAt);
                lateCause = cause;
            } else if (window.isTransferred(position)) {
                retryScheduler.attemptRefused(position, cause, DeliveryStatus.UNKNOWN);
            } else {
                window.attemptDeadline(position, attemptNow + timeout); // still behind others in the send queue
            }
        }
    }

    private AmqpTimeoutException timeout(long position, String name) {
        PublishOptions options = state.window.options(position);
        String held = context.heldReason();
        String blocked = held != null ? held : state.clock.blockedReason();
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
