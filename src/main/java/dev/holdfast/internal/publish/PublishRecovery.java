package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.Declarable;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.session.Replay;
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
public final class PublishRecovery implements StopAndWait.Line {
    private final PublishState state;
    private final RetryScheduler retrying;
    private final DeadlineSweeper sweeper;
    private final ConfirmHandler confirms;
    private final InDoubtResolver losses;
    private final DeclareBarrier gate;

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
        this.gate = new DeclareBarrier(state, loop, host, this::declared);
    }

    /** What a lost link or channel comes to. */
    InDoubtResolver losses() {
        return losses;
    }

    /** The link is up, the channel is gone. */
    public void channelLost(AmqpException cause) {
        locked(() -> losses.channelLost(cause));
    }

    /** The broker closed the channel because of one publish: if nobody can tell which, it is looked for. */
    public void closedByBroker(AmqpChannelException cause) {
        locked(() -> {
            StopAndWait gate = state.oneAtATime;
            boolean proven = gate.proves(this, false);
            boolean same = proven && gate.sameReason(cause.replyCode());
            long culprit = losses.culprit(cause, proven);
            if (culprit >= 0) {
                losses.blamed(culprit, cause);
            } else {
                losses.harmed(cause);
                gate.begin(List.of(this), false, cause.replyCode());
            }
            if (culprit >= 0 && same) {
                gate.end();
            }
            gate.advance();
        });
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
        return state.window.head < state.window.held;
    }

    @Override
    public boolean hasSuspects() {
        ConfirmWindow window = state.window;
        for (long position = window.held; position < window.tail; position++) {
            if (window.isLive(position) && window.has(position, ConfirmWindow.EXCUSED)) {
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
            flow();
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
            flow();
            state.settled();
        });
    }

    private boolean mayRelease() {
        return state.open && state.pendingDeclares.isEmpty() && state.log.link() != null;
    }

    /** Held messages go out if they may: all of them, or the one whose turn it is. Needs the lock. */
    private void flow() {
        if (state.inLine) {
            state.oneAtATime.advance();
        } else if (mayRelease()) {
            release(Integer.MAX_VALUE);
        }
    }

    /**
     * Copies held messages into the log, so many at the most, record by record, for this channel and this frame size.
     * Needs the lock.
     */
    private void release(int most) {
        ConfirmWindow window = state.window;
        for (long position = window.held; position < window.tail; position++) {
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
        window.compact(window.held);
        long now = state.log.nanoTime();
        long end = Math.min(window.tail, window.held + most);
        int again = 0;
        for (long position = window.held; position < end; position++) {
            Replay.copy(state, position);
            boolean excused = window.has(position, ConfirmWindow.EXCUSED);
            if (excused || window.has(position, ConfirmWindow.RETRYING)) {
                again++;
            }
            if (window.has(position, ConfirmWindow.RETRYING)) {
                window.clear(position, ConfirmWindow.RETRYING);
                window.attempts(position, window.attempts(position) + 1);
            }
            long deadline = now + state.confirmTimeout(window.options(position));
            window.attemptDeadline(position, deadline);
            sweeper.watch(deadline);
        }
        window.held = end;
        replayed(again);
        if (end == window.tail) {
            state.dropHeldSegment();
        }
        if (state.log.appended()) {
            state.log.schedule();
        }
    }

    private void replayed(int messages) {
        if (messages > 0) {
            ConnectionEvents watch = state.log.watch;
            watch.retried += messages;
            watch.replayed += messages;
            state.completions.notice(() -> watch.replayed(messages));
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
