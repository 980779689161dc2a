package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.state.BrokerFaults;
import java.util.function.LongConsumer;

/**
 * What becomes of a window's messages the moment their channel or link goes.
 *
 * <p>Replayed are exactly the publishes whose future is not done, that have a retry policy, and whose attempts and timeout
 * are not used up; the others fail at once. Who was harmed by another's fault is the exception: what the broker has
 * certainly not looked at goes on waiting.
 *
 * <p>Event loop only, with the log's lock.
 */
final class InDoubtResolver {
    private final PublishState state;
    private final RetryScheduler retrying;
    private final DeadlineSweeper sweeper;
    private final ConfirmHandler confirms;

    InDoubtResolver(PublishState state, RetryScheduler retrying, DeadlineSweeper sweeper, ConfirmHandler confirms) {
        this.state = state;
        this.retrying = retrying;
        this.sweeper = sweeper;
        this.confirms = confirms;
    }

    /** The link is lost, before the log drops what waits in it. */
    void linkLost(AmqpException cause) {
        if (!state.open) {
            return; // what is held had not begun an attempt on this link
        }
        confirms.channelLost();
        state.lastFailure = cause;
        markBefore(firstNotHanded(), ConfirmWindow.MAYBE_DELIVERED);
        leave(position -> attemptEnded(position, cause));
    }

    /** The link is up, the channel is gone: whatever stands in the log for it must be taken as sent. */
    void channelLost(AmqpException cause) {
        confirms.channelLost();
        markBefore(state.window.unsent(), ConfirmWindow.MAYBE_DELIVERED);
        leave(position -> attemptEnded(position, cause));
    }

    /**
     * The publish that the broker closed for, -1 where nobody can tell.
     *
     * @param proven whether only one was under way
     */
    long culprit(AmqpException cause, boolean proven) {
        confirms.channelLost(); // what is nacked was handled
        ConfirmWindow window = state.window;
        if (!proven) {
            return CloseReasonMatcher.find(window, cause);
        }
        for (long position = window.head(); position < window.unsent(); position++) {
            if (window.isLive(position) && window.isTransferStarted(position)) {
                return position;
            }
        }
        return -1;
    }

    /**
     * The broker closed because of this publish. Publishes are handled in order, so those before it may have arrived, and
     * those after it were certainly discarded: they go again at no attempt's cost.
     */
    void blamed(long culprit, AmqpException cause) {
        confirms.channelLost();
        markBefore(culprit, ConfirmWindow.MAYBE_DELIVERED);
        AmqpException innocent = BrokerFaults.recoverableCopy(cause);
        boolean connection = lostWith(innocent);
        leave(position -> {
            if (position == culprit) {
                culpritEnded(position, cause);
            } else if (position > culprit) {
                return; // goes again; what an earlier close left in doubt stays so, since that may have been for
                // another
            } else if (connection) {
                excuse(position, innocent);
            } else {
                attemptEnded(position, innocent);
            }
        });
    }

    /** An exchange that is missing is made again by the next attempt where the publish declares it. */
    private void culpritEnded(long position, AmqpException cause) {
        PublishOptions options = state.window.options(position);
        boolean missing = cause instanceof AmqpChannelException refused && refused.replyCode() == 404;
        if (missing
                && !options.declarations().isEmpty()
                && !options.retryPolicy().isNone()) {
            retrying.attemptRefused(position, BrokerFaults.recoverableCopy(cause), DeliveryStatus.NOT_SENT);
        } else {
            state.fail(position, cause);
        }
    }

    /**
     * The broker closed for something of somebody's, and it is not known to be one of these publishes: what it was sent is
     * in doubt, what it was not goes on waiting.
     */
    void harmed(AmqpException cause) {
        confirms.channelLost();
        long sent = firstNotHanded();
        AmqpException innocent = BrokerFaults.recoverableCopy(cause);
        boolean unused = lostWith(innocent);
        leave(position -> {
            if (position < sent) {
                excuse(position, innocent);
            }
        });
    }

    private boolean lostWith(AmqpException cause) {
        boolean connection = cause instanceof AmqpConnectionException;
        if (connection) {
            state.lastFailure = cause;
        }
        return connection;
    }

    /** Without a policy it ends here; with one it costs no attempt, unless it was excused before. */
    private void excuse(long position, AmqpException innocent) {
        ConfirmWindow window = state.window;
        RetryPolicy policy = window.options(position).retryPolicy();
        boolean again = window.has(position, ConfirmWindow.FREE_RETRY);
        window.set(position, again ? ConfirmWindow.MAYBE_DELIVERED : ConfirmWindow.FREE_RETRY);
        if (again || !policy.retries(innocent)) {
            attemptEnded(position, innocent);
        } else {
            window.attemptDeadline(position, ConfirmWindow.NO_DEADLINE);
        }
    }

    /** The publisher is closed: it takes nothing any more, and every open message fails. */
    void close(AmqpException cause) {
        confirms.applyAcks();
        ConfirmWindow window = state.window;
        state.closed = cause;
        state.open = false;
        for (long position = window.head(); position < window.tail(); position++) {
            if (window.isLive(position)) {
                state.failDelivery(position, cause);
            }
        }
        retrying.close(cause);
        window.compact(window.head());
        window.markAllUnsent();
        state.dropHeldSegment();
        state.settled();
        state.room.wake();
    }

    private void attemptEnded(long position, AmqpException cause) {
        if (!state.window.has(position, ConfirmWindow.RETRYING)) {
            retrying.attemptLost(position, cause, state.log.nanoTime());
        }
    }

    /** Messages stand in the log in order: this one, and those behind it, are not on the wire yet. */
    private long firstNotHanded() {
        ConfirmWindow window = state.window;
        long position = window.head();
        while (position < window.unsent() && (!window.isLive(position) || window.isTransferStarted(position))) {
            position++;
        }
        return position;
    }

    private void markBefore(long end, byte flag) {
        ConfirmWindow window = state.window;
        for (long position = window.head(); position < end; position++) {
            if (window.isLive(position)) {
                window.set(position, flag);
            }
        }
    }

    /** Every open message leaves the wire: it ends here or is held for the next channel. */
    private void leave(LongConsumer end) {
        ConfirmWindow window = state.window;
        state.open = false;
        state.pendingDeclares.clear();
        window.markAllUnsent(); // from here on the flags alone tell what the broker may hold
        for (long position = window.head(); position < window.tail(); position++) {
            if (!window.isLive(position)) {
                continue;
            }
            if (window.future(position).isDone()) {
                state.drop(position);
                continue;
            }
            end.accept(position);
        }
        window.compact(window.head());
        state.dropHeldSegment();
        state.settled();
        sweeper.watch(state.log.nanoTime());
    }
}
