package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;

/**
 * Handles what happens to the channel and the link of a publisher: loss, reopening, and failure to connect. Takes the
 * lock, and completes futures after releasing it.
 *
 * <p>Event loop only.
 */
public final class PublishRecovery {
    private final PublishState state;
    private final RetryScheduler retryScheduler;
    private final DeadlineSweeper sweeper;
    private final InDoubtResolver inDoubt;
    private final DeclareBarrier barrier;

    PublishRecovery(
            PublishState state,
            RetryScheduler retryScheduler,
            DeadlineSweeper sweeper,
            InDoubtResolver inDoubt,
            DeclareBarrier barrier) {
        this.state = state;
        this.retryScheduler = retryScheduler;
        this.sweeper = sweeper;
        this.inDoubt = inDoubt;
        this.barrier = barrier;
    }

    /** The channel is lost for a cause other than a close by the broker; the link is up. */
    public void channelLost(AmqpException cause) {
        locked(() -> inDoubt.channelLost(cause));
    }

    /** A connect round has failed: counts as a failed attempt of each message whose retry delay is over. */
    public void roundFailed(AmqpException cause) {
        locked(() -> {
            state.lastFailure = cause;
            state.failedRounds++;
            long now = state.log.nanoTime();
            state.forEachOpen(position -> {
                if (!state.window.options(position).retryPolicy().isNone()) {
                    retryScheduler.roundFailed(position, cause, now);
                }
            });
            state.advance();
            sweeper.watch(now);
        });
    }

    /** A connect failed in a way that no retry recovers from: all messages fail. */
    public void refused(AmqpException cause) {
        locked(() -> {
            state.lastFailure = cause;
            state.forEachOpen(position -> state.failWithStatus(position, cause));
            retryScheduler.close(cause);
            state.advance();
        });
    }

    /**
     * The channel is open, confirms are selected and the topology is restored: sends unsent messages, then new ones.
     */
    public void opened(int channel, int frameMax, boolean rabbit) {
        locked(() -> {
            if (state.open) {
                return; // called twice: delivery tags in use must keep their meaning
            }
            state.channel = channel;
            state.frameMax = frameMax;
            state.rabbitMq = rabbit;
            state.open = true;
            state.lastFailure = null;
            state.stallCause = null;
            state.clock.answered();
            state.window.restartTags();
            barrier.release();
            state.advance();
        });
    }

    /** Accepts no more messages, and fails the open ones. */
    void close(AmqpException cause) {
        locked(() -> {
            inDoubt.close(cause);
            sweeper.stop();
        });
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
