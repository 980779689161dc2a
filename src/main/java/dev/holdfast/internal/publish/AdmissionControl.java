package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.OutboundLog;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Who publishes waits here until there is room, and keeps the transport's pace, up to a deadline.
 *
 * <p>Guarded by the log's lock.
 */
final class AdmissionControl {
    private final PublishState state;
    private final OutboundLog log;
    private final EventLoop loop;

    AdmissionControl(PublishState state, EventLoop loop) {
        this.state = state;
        this.log = state.log;
        this.loop = loop;
    }

    /** Null: admitted; else why not. */
    @Nullable
    AmqpException admit(PublishOptions options, long length, long deadline) {
        if (state.refusesImmediate(options)) {
            return PublishFailure.immediateRefused(DeliveryStatus.NOT_SENT);
        }
        return mayAppend(length) && !log.watermark().mustWait(length)
                ? null
                : awaitRoom(length, limit(options, deadline));
    }

    boolean mayAppend(long length) {
        return state.closed == null && state.blocked() == null && state.hasRoom(length);
    }

    /**
     * Until when a publish waits for room. One without a deadline waits for the time of one attempt, and with a policy for its
     * whole budget. Without the lock, too.
     */
    long limit(PublishOptions options, long deadline) {
        return deadline == ConfirmWindow.NO_DEADLINE
                ? log.nanoTime()
                        + state.confirmTimeout(options)
                        + options.retryPolicy().budget().toNanos()
                : deadline;
    }

    private @Nullable AmqpException awaitRoom(long length, long limit) {
        boolean paced = false;
        while (true) {
            if (state.closed != null) {
                return refused(state.closed);
            }
            boolean room = mayAppend(length);
            if (room && (paced || loop.inEventLoop() || !log.watermark().mustWait(length))) {
                return null;
            }
            if (loop.inEventLoop()) {
                return timedOut("no room, and an I/O thread may not wait for it: ");
            }
            long left = limit - log.nanoTime();
            if (left <= 0) {
                return room ? null : timedOut("timed out waiting for room: ");
            }
            try {
                if (room) {
                    paced = true; // once: keeping pace must not use up a deadline
                    log.watermark().await(left / 2);
                } else {
                    log.endPause();
                    state.room.await(left, !state.hasBytes(length));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return mayAppend(length) ? null : timedOut("interrupted while waiting for room: ");
            }
        }
    }

    private PublishException timedOut(String what) {
        return refused(new AmqpTimeoutException(what + whyNoRoom()));
    }

    private static PublishException refused(AmqpException cause) {
        return new PublishFailure(DeliveryStatus.NOT_SENT, cause).get();
    }

    private String whyNoRoom() {
        String blocked = state.blocked();
        if (blocked != null) {
            return blocked;
        }
        String full = state.outstanding() + " messages and " + state.segments.retainedBytes()
                + " bytes unconfirmed (limits: " + state.options.maxUnconfirmed() + " and "
                + state.options.maxUnconfirmedBytes() + ")";
        AmqpException failure = state.lastFailure;
        return state.open || failure == null ? full : full + ", no connection: " + failure.getMessage();
    }
}
