package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.CloseReasonMatcher;
import java.util.function.LongConsumer;

/**
 * Decides for every open publish of a window, when its channel or link is lost, whether it fails or is retransmitted.
 *
 * <p>Retransmitted are exactly the publishes whose future is not done, that have a retry policy, and whose attempts and
 * timeout are not used up; the others fail. The exception is a close that another publish caused: publishes that the
 * broker has certainly not handled stay unsent, with or without a policy.
 *
 * <p>Event loop only, with the log's lock.
 */
final class InDoubtResolver {
    private final PublishState state;
    private final RetryScheduler retryScheduler;
    private final DeadlineSweeper sweeper;
    private final ConfirmHandler confirms;

    InDoubtResolver(
            PublishState state, RetryScheduler retryScheduler, DeadlineSweeper sweeper, ConfirmHandler confirms) {
        this.state = state;
        this.retryScheduler = retryScheduler;
        this.sweeper = sweeper;
        this.confirms = confirms;
    }

    /** The link is lost. Called before the log discards the bytes that were not transferred. */
    void linkLost(AmqpException cause) {
        if (!state.hasAttempts()) {
            return;
        }
        confirms.channelLost();
        state.lastFailure = cause;
        markBefore(firstNotTransferred(), ConfirmWindow.MAYBE_DELIVERED);
        detach(position -> attemptEnded(position, cause));
    }

    /**
     * The channel is lost and the link is up: messages of the channel in the log count as sent, because they will be.
     */
    void channelLost(AmqpException cause) {
        confirms.channelLost();
        if (state.stopAndWaitActive) {
            state.stopAndWait.unanswered();
        }
        long sent = state.window.unsent();
        markBefore(sent, ConfirmWindow.MAYBE_DELIVERED);
        detach(position -> {
            if (position < sent) {
                attemptEnded(position, cause);
            }
        });
    }

    /**
     * Returns the position of the publish that caused the close, or -1 if it is unknown.
     *
     * @param proven whether stop-and-wait had one message outstanding, which then is the cause
     */
    long findFault(AmqpException cause, boolean proven) {
        confirms.channelLost(); // the broker has handled nacked messages
        ConfirmWindow window = state.window;
        CloseReasonMatcher reason = new CloseReasonMatcher(cause);
        for (long position = window.head(); position < window.unsent(); position++) {
            // A publish of which no byte was handed to the transport cannot be the cause.
            if (window.isLive(position)
                    && window.isTransferStarted(position)
                    && (proven || reason.matches(window.options(position), bodySize(position)))) {
                return position;
            }
        }
        return -1;
    }

    private long bodySize(long position) {
        return state.window.record(position).bodySize();
    }

    /**
     * The broker closed because of this publish, which fails. The broker handles publishes in order: those before it
     * are in doubt, and those after it were certainly discarded and are sent again without counting an attempt.
     */
    void resolveFault(long fault, AmqpException cause) {
        confirms.channelLost();
        markBefore(fault, ConfirmWindow.MAYBE_DELIVERED);
        AmqpException recoverableCause = BrokerFaults.recoverableCopy(cause);
        boolean connection = recordLinkLoss(recoverableCause);
        detach(position -> {
            if (position == fault) {
                endFault(position, cause);
            } else if (position > fault) {
                return; // sent again; still in doubt if an earlier close, which may have had another cause, left it so
            } else if (connection) {
                grantFreeRetry(position, recoverableCause);
            } else {
                attemptEnded(position, recoverableCause);
            }
        });
    }

    /** A publish that declares the missing exchange is retried, because the next attempt declares it again. */
    private void endFault(long position, AmqpException cause) {
        PublishOptions options = state.window.options(position);
        boolean missing = cause instanceof AmqpChannelException refused && refused.replyCode() == 404;
        if (missing
                && !options.declarations().isEmpty()
                && !options.retryPolicy().isNone()) {
            retryScheduler.attemptRefused(position, BrokerFaults.recoverableCopy(cause), DeliveryStatus.NOT_SENT);
        } else {
            state.fail(position, cause);
        }
    }

    /**
     * The broker closed for a cause that is unknown, or not one of these publishes. Transferred messages
     * are in doubt; the others stay unsent.
     */
    void resolveCollateral(AmqpException cause) {
        confirms.channelLost();
        long sent = firstNotTransferred();
        AmqpException recoverableCause = BrokerFaults.recoverableCopy(cause);
        boolean unused = recordLinkLoss(recoverableCause);
        detach(position -> {
            if (position < sent) {
                grantFreeRetry(position, recoverableCause);
            }
        });
    }

    /** An error ended the decision: all open messages fail, because which of them were decided is unknown. */
    void failAll(Throwable error) {
        markBefore(state.window.unsent(), ConfirmWindow.MAYBE_DELIVERED);
        detach(position -> state.failWithError(position, error));
    }

    /** Returns whether the whole link was lost. */
    private boolean recordLinkLoss(AmqpException cause) {
        boolean connection = cause instanceof AmqpConnectionException;
        if (connection) {
            state.lastFailure = cause;
        }
        return connection;
    }

    /** Fails a message without a policy. One with a policy is retried without counting an attempt, once. */
    private void grantFreeRetry(long position, AmqpException recoverableCause) {
        ConfirmWindow window = state.window;
        RetryPolicy policy = window.options(position).retryPolicy();
        boolean retriedFree = window.has(position, ConfirmWindow.FREE_RETRY);
        window.set(position, retriedFree ? ConfirmWindow.MAYBE_DELIVERED : ConfirmWindow.FREE_RETRY);
        if (retriedFree || !policy.retries(recoverableCause)) {
            attemptEnded(position, recoverableCause);
        }
    }

    /** Closes the publisher: it accepts no more messages, and every open message fails. */
    void close(AmqpException cause) {
        confirms.applyAcks();
        ConfirmWindow window = state.window;
        if (state.stopAndWaitActive && window.head() < window.unsent()) {
            state.stopAndWait.unanswered();
        }
        state.closeCause = cause;
        state.open = false;
        state.forEachOpen(position -> state.failWithStatus(position, cause));
        retryScheduler.close(cause);
        window.compact(window.head());
        window.markAllUnsent();
        state.sealUnsentSegment();
        state.advance();
        state.wake();
    }

    private void attemptEnded(long position, AmqpException cause) {
        if (!state.window.has(position, ConfirmWindow.RETRYING)) {
            retryScheduler.attemptLost(position, cause, state.log.nanoTime());
        }
    }

    /** Messages are transferred in the order of their positions: of this one and those behind it, no byte was. */
    private long firstNotTransferred() {
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

    /** Ends each open message by the action given, or keeps it unsent for the next channel. */
    private void detach(LongConsumer resolve) {
        ConfirmWindow window = state.window;
        state.open = false;
        state.pendingDeclares.clear();
        window.markAllUnsent(); // from here on only the flags say what the broker may hold
        state.forEachOpen(position -> {
            if (window.future(position).isDone()) {
                state.dropCancelled(position);
                return;
            }
            resolve.accept(position);
            if (window.isLive(position)
                    && !window.options(position).retryPolicy().isNone()) {
                window.attemptDeadline(position, ConfirmWindow.NO_DEADLINE); // the next attempt begins when it is sent
            }
        });
        window.compact(window.head());
        state.sealUnsentSegment();
        state.advance();
        sweeper.watch(state.log.nanoTime());
    }
}
