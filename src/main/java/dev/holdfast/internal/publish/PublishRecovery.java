package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.Declarable;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.internal.outbound.ConfirmWindow;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Brings a window's messages back on their way: while the link is down, when a declaration was answered, when the channel is
 * open again, and one by one where a culprit is looked for.
 *
 * <p>Event loop only.
 */
public final class PublishRecovery {
    private final PublishState state;
    private final RetryScheduler retrying;
    private final DeadlineSweeper sweeper;
    private final ConfirmHandler confirms;
    private final InDoubtResolver losses;
    private final DeclareBarrier gate;
    private final Retransmission retransmission;

    PublishRecovery(
            PublishState state,
            EventLoop loop,
            RetryScheduler retrying,
            DeadlineSweeper sweeper,
            ConfirmHandler confirms,
            PublishContext host) {
        this.state = state;
        this.retrying = retrying;
        this.sweeper = sweeper;
        this.confirms = confirms;
        this.losses = new InDoubtResolver(state, retrying, sweeper, confirms);
        this.retransmission = new Retransmission(state, sweeper);
        this.gate = new DeclareBarrier(state, loop, host, this::declared);
    }

    /** What a lost link or channel comes to. */
    InDoubtResolver losses() {
        return losses;
    }

    Retransmission retransmission() {
        return retransmission;
    }

    /** The link is up, the channel is gone. */
    public void channelLost(AmqpException cause) {
        locked(() -> losses.channelLost(cause));
    }

    /** The broker closed the channel because of one publish: if nobody can tell which, it is looked for. */
    public void closedByBroker(AmqpChannelException cause) {
        locked(() -> {
            StopAndWait gate = state.oneAtATime;
            boolean proven = gate.proves(retransmission, false);
            boolean same = proven && gate.sameReason(cause.replyCode());
            long culprit = losses.culprit(cause, proven);
            if (culprit >= 0) {
                losses.blamed(culprit, cause);
            } else {
                losses.harmed(cause);
                gate.begin(List.of(retransmission), false, cause.replyCode());
            }
            if (culprit >= 0 && same) {
                gate.end();
            }
            gate.advance();
        });
    }

    /** A connect round has failed: a retry is used up where its sleep is over too. */
    public void roundFailed(AmqpException cause) {
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
    public void refused(AmqpException cause) {
        locked(() -> {
            state.lastFailure = cause;
            ConfirmWindow window = state.window;
            for (long position = window.head; position < window.tail; position++) {
                if (window.isLive(position)) {
                    state.failDelivery(position, cause);
                }
            }
            retrying.close(cause);
            state.settled();
        });
    }

    DeclareBarrier gate() {
        return gate;
    }

    /** A declaration that messages wait for was answered; {@code error} null: it stands. */
    private void declared(List<Declarable> entities, @Nullable Throwable error) {
        locked(() -> {
            boolean pending = state.pendingDeclares.removeIf(each -> each == entities);
            Throwable cause = error instanceof CompletionException ? error.getCause() : error;
            boolean endedTheLink = cause instanceof AmqpConnectionException lost && !lost.recoverable();
            if (!pending && !endedTheLink) {
                return; // of a link that is gone
            }
            if (cause != null) {
                failDeclared(entities, cause);
            }
            retransmission.flow();
            state.settled();
        });
    }

    private void failDeclared(List<Declarable> entities, @Nullable Throwable error) {
        ConfirmWindow window = state.window;
        for (long position = window.held; position < window.tail; position++) {
            if (window.isLive(position)
                    && window.options(position).declarations().equals(entities)) {
                if (!(error instanceof AmqpException cause)) {
                    state.fail(position, error == null ? new IllegalStateException("declare") : error);
                } else if (window.options(position).retryPolicy().retries(cause)) {
                    retrying.attemptRefused(position, cause, DeliveryStatus.NOT_SENT);
                } else {
                    state.failDelivery(position, cause);
                }
            }
        }
    }

    /** The channel is open, confirms are selected and the topology stands: held messages go out, then new ones. */
    public void opened(int channel, int frameMax, boolean rabbit) {
        locked(() -> {
            if (state.open) {
                return; // told twice: tags that are under way must keep their meaning
            }
            state.channel = channel;
            state.frameMax = frameMax;
            state.rabbit = rabbit;
            state.open = true;
            state.lastFailure = null;
            state.window.startTagsAt(state.window.held);
            gate.requireHeld();
            retransmission.flow();
            state.settled();
        });
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
                    state.failDelivery(position, cause);
                }
            }
            retrying.close(cause);
            window.compact(window.head);
            window.held = window.head;
            state.dropHeldSegment();
            state.settled();
            state.room.wake();
        });
    }

    /** Tells what was decided under the lock. */
    void tell() {
        state.completions.tell();
    }

    private void locked(Runnable action) {
        state.log.lock.lock();
        try {
            action.run();
        } finally {
            state.log.lock.unlock();
        }
        state.completions.tell();
    }
}
