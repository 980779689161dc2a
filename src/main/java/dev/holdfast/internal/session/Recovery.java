package dev.holdfast.internal.session;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpException;
import dev.holdfast.Declarable;
import dev.holdfast.PublishException.Delivery;
import dev.holdfast.PublishOptions;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a window's messages when their channel or link goes, and when it is back.
 *
 * <p>Replayed are exactly the publishes whose future is not done, that have a retry policy, and whose attempts and timeout
 * are not used up; the others fail the moment the link is lost.
 *
 * <p>Event loop only.
 */
final class Recovery {
    private final PublishState state;
    private final Outcomes outcomes;
    private final Retrying retrying;
    private final Sweeper sweeper;
    private final Confirms confirms;
    private final DeclareGate gate;

    Recovery(
            PublishState state,
            EventLoop loop,
            Outcomes outcomes,
            Retrying retrying,
            Sweeper sweeper,
            Confirms confirms,
            PublishHost host) {
        this.state = state;
        this.outcomes = outcomes;
        this.retrying = retrying;
        this.sweeper = sweeper;
        this.confirms = confirms;
        this.gate = new DeclareGate(state, loop, host, this::declared);
    }

    /** The link is lost. Called under the log's lock, before the log drops what waits in it; tell the outcomes after. */
    void linkLost(AmqpException cause) {
        if (!state.open) {
            return; // what is held had not begun an attempt on this link
        }
        confirms.channelLost();
        state.lastFailure = cause;
        markSent(position -> state.window.handed(position));
        leave(position -> attemptEnded(position, cause));
    }

    /** The link is up, the channel is gone: whatever stands in the log for it must be taken as sent. */
    void channelLost(AmqpException cause) {
        locked(() -> {
            confirms.channelLost();
            markSent(position -> true);
            leave(position -> attemptEnded(position, cause));
        });
    }

    /**
     * The broker closed the channel because of one publish. Publishes are handled in order, so those before the culprit
     * may have arrived, and those after it were certainly discarded: they go again at no attempt's cost.
     */
    void closedByBroker(AmqpChannelException cause) {
        locked(() -> {
            confirms.channelLost();
            long culprit = Culprit.find(state.window, cause);
            markSent(position -> culprit < 0 || position < culprit);
            leave(position -> {
                if (culprit < 0 || position < culprit) {
                    attemptEnded(position, culprit < 0 ? cause : innocent(cause));
                } else if (position == culprit) {
                    culpritEnded(position, cause);
                }
            });
        });
    }

    /** An exchange that is missing is made again by the next attempt where the publish declares it. */
    private void culpritEnded(long position, AmqpChannelException cause) {
        PublishOptions options = state.window.options(position);
        boolean declares = cause.replyCode() == 404 && !options.declarations().isEmpty();
        if (declares && !options.retryPolicy().isNone()) {
            retrying.attemptRefused(position, innocent(cause), Delivery.NOT_SENT);
        } else {
            state.fail(position, cause, outcomes);
        }
    }

    /** The same end for a publish that is not to blame for it, and so may be tried again. */
    private static AmqpChannelException innocent(AmqpChannelException cause) {
        return new AmqpChannelException(
                String.valueOf(cause.getMessage()), cause.channel(), cause.replyCode(), cause.failedMethod(), true);
    }

    private void attemptEnded(long position, AmqpException cause) {
        if (!state.window.has(position, ConfirmWindow.RETRYING)) {
            retrying.attemptLost(position, cause, state.log.nanoTime());
        }
    }

    /** The broker may hold those of the written messages for which this is true. Needs the lock. */
    private void markSent(LongPredicate sent) {
        ConfirmWindow window = state.window;
        for (long position = window.head; position < window.held; position++) {
            if (window.isLive(position) && sent.test(position)) {
                window.set(position, ConfirmWindow.MAYBE_DELIVERED);
            }
        }
    }

    /** Every open message leaves the wire: it ends here or is held for the next channel. Needs the lock. */
    private void leave(LongConsumer end) {
        ConfirmWindow window = state.window;
        state.open = false;
        state.pendingDeclares.clear();
        window.held = window.head; // from here on the flag alone tells what the broker may hold
        for (long position = window.head; position < window.tail; position++) {
            if (!window.isLive(position)) {
                continue;
            }
            if (window.future(position).isDone()) {
                drop(position);
                continue;
            }
            end.accept(position);
        }
        window.compact(window.head);
        state.dropHeldSegment();
        state.settled();
        sweeper.watch(state.log.nanoTime());
    }

    /** A connect round has failed: a retry is used up where its sleep is over too. */
    void roundFailed(AmqpException cause) {
        locked(() -> {
            state.lastFailure = cause;
            state.rounds++;
            long now = state.log.nanoTime();
            ConfirmWindow window = state.window;
            for (long position = window.head; position < window.tail; position++) {
                if (window.isLive(position)
                        && !window.options(position).retryPolicy().isNone()) {
                    retrying.roundFailed(position, cause, now);
                }
            }
            state.settled();
            sweeper.watch(now);
        });
    }

    /** A connect failed in a way that no retry mends: whatever waits for the link fails now. */
    void refused(AmqpException cause) {
        locked(() -> {
            state.lastFailure = cause;
            ConfirmWindow window = state.window;
            for (long position = window.head; position < window.tail; position++) {
                if (window.isLive(position)) {
                    state.failDelivery(position, cause, outcomes);
                }
            }
            retrying.close(cause);
            state.settled();
        });
    }

    DeclareGate gate() {
        return gate;
    }

    /** A declaration that messages wait for was answered; {@code error} null: it stands. */
    private void declared(List<Declarable> entities, @Nullable Throwable error) {
        locked(() -> {
            if (!state.pendingDeclares.removeIf(pending -> pending == entities)) {
                return; // of a link that is gone
            }
            if (error != null) {
                failDeclared(entities, error instanceof CompletionException ? error.getCause() : error);
            }
            if (state.flowing()) {
                release();
            }
            state.settled();
        });
    }

    private void failDeclared(List<Declarable> entities, @Nullable Throwable error) {
        ConfirmWindow window = state.window;
        for (long position = window.held; position < window.tail; position++) {
            if (window.isLive(position)
                    && window.options(position).declarations().equals(entities)) {
                if (!(error instanceof AmqpException cause)) {
                    state.fail(position, error == null ? new IllegalStateException("declare") : error, outcomes);
                } else if (window.options(position).retryPolicy().retries(cause)) {
                    retrying.attemptRefused(position, cause, Delivery.NOT_SENT);
                } else {
                    state.failDelivery(position, cause, outcomes);
                }
            }
        }
    }

    /** The channel is open, confirms are selected and the topology stands: held messages go out, then new ones. */
    void opened(int channel, int frameMax) {
        locked(() -> {
            if (state.open) {
                return; // told twice: tags that are under way must keep their meaning
            }
            state.channel = channel;
            state.frameMax = frameMax;
            state.open = true;
            state.lastFailure = null;
            state.window.startTagsAt(state.window.held);
            gate.requireHeld();
            if (state.flowing()) {
                release();
            }
            state.settled();
        });
    }

    /** Copies what is held into the log, record by record, for this channel and this frame size. Needs the lock. */
    private void release() {
        ConfirmWindow window = state.window;
        for (long position = window.held; position < window.tail; position++) {
            if (!window.isLive(position)) {
                continue;
            }
            if (window.future(position).isDone()) {
                drop(position);
            } else if (window.record(position).largestFixedFrame() > state.frameMax) {
                state.fail(position, state.tooLarge(window.record(position).largestFixedFrame()), outcomes);
            }
        }
        window.compact(window.held);
        long now = state.log.nanoTime();
        int again = 0;
        for (long position = window.held; position < window.tail; position++) {
            Replay.copy(state, position);
            if (window.has(position, ConfirmWindow.RETRYING)) {
                again++;
                window.clear(position, ConfirmWindow.RETRYING);
                window.attempts(position, window.attempts(position) + 1);
            }
            long deadline = now + state.confirmTimeout(window.options(position));
            window.attemptDeadline(position, deadline);
            sweeper.watch(deadline);
        }
        window.held = window.tail;
        replayed(again);
        state.dropHeldSegment();
        if (state.log.appended()) {
            state.log.schedule();
        }
    }

    private void replayed(int messages) {
        if (messages > 0) {
            Watch watch = state.log.watch;
            watch.retried += messages;
            watch.replayed += messages;
            outcomes.notice(() -> watch.replayed(messages));
        }
    }

    /** Nothing is taken any more; what is open ends now. */
    void close(AmqpException cause) {
        locked(() -> {
            confirms.applyAcks();
            ConfirmWindow window = state.window;
            state.closed = cause;
            state.open = false;
            for (long position = window.head; position < window.tail; position++) {
                if (window.isLive(position)) {
                    state.failDelivery(position, cause, outcomes);
                }
            }
            retrying.close(cause);
            window.compact(window.head);
            window.held = window.head;
            state.dropHeldSegment();
            state.settled();
            state.room.signalAll();
        });
    }

    /** Tells what was decided under the lock. */
    void tell() {
        outcomes.tell();
    }

    private void drop(long position) {
        state.log.watch.failed++;
        state.log.resolved(state.window.free(position));
    }

    private void locked(Runnable action) {
        state.log.lock.lock();
        try {
            action.run();
        } finally {
            state.log.lock.unlock();
        }
        outcomes.tell();
    }
}
