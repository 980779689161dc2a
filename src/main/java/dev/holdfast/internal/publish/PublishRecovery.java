package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.internal.outbound.ConfirmWindow;

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
    private final InDoubtResolver inDoubt;
    private final DeclareBarrier barrier;

    PublishRecovery(
            PublishState state,
            RetryScheduler retrying,
            DeadlineSweeper sweeper,
            InDoubtResolver inDoubt,
            DeclareBarrier barrier) {
        this.state = state;
        this.retrying = retrying;
        this.sweeper = sweeper;
        this.inDoubt = inDoubt;
        this.barrier = barrier;
    }

    /** The link is up, the channel is gone. */
    public void channelLost(AmqpException cause) {
        locked(() -> inDoubt.channelLost(cause));
    }

    /** A connect round has failed: a retry is used up where its sleep is over too. */
    public void roundFailed(AmqpException cause) {
        locked(() -> {
            state.lastFailure = cause;
            state.rounds++;
            long now = state.log.nanoTime();
            ConfirmWindow window = state.window;
            for (long position = window.head(); position < window.tail(); position++) {
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
            for (long position = window.head(); position < window.tail(); position++) {
                if (window.isLive(position)) {
                    state.failDelivery(position, cause);
                }
            }
            retrying.close(cause);
            state.settled();
        });
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
            state.window.restartTags();
            barrier.release();
            state.settled();
        });
    }

    /** Nothing is taken any more; what is open ends now. */
    void close(AmqpException cause) {
        locked(() -> inDoubt.close(cause));
    }

    private void locked(Runnable action) {
        state.log.lock();
        try {
            action.run();
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }
}
