package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.outbound.BrokerSilence;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.OutboundLog;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Admits publishes: makes the caller wait, up to a deadline, until the window and the log have room and while
 * publishers are ahead of the transport.
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

    /** Admits a message of this length, or returns why it is refused. */
    @Nullable
    AmqpException admit(PublishOptions options, long length, long deadline) {
        if (state.refusesImmediate(options)) {
            return PublishFailure.immediateRefused(DeliveryStatus.NOT_SENT);
        }
        return mayAppend(length) && !log.watermark().mustWait(length)
                ? null
                : awaitRoom(length, limit(options, deadline), isCounted(options));
    }

    /** Whether a message of this length may be appended now. */
    boolean mayAppend(long length) {
        return state.closeCause == null && state.blockedReason() == null && state.hasRoom(length);
    }

    /**
     * The time until which a publish waits for room. A publish without a deadline waits for the confirm timeout plus
     * the budget of its retry policy; with a policy, time in which the broker's silence does not count is added. Does
     * not need the lock.
     */
    long limit(PublishOptions options, long deadline) {
        return deadline == ConfirmWindow.NO_DEADLINE
                ? log.nanoTime()
                        + state.confirmTimeoutNanos(options)
                        + options.retryPolicy().budget().toNanos()
                : deadline;
    }

    private static boolean isCounted(PublishOptions options) {
        return options.timeout() == null && !options.retryPolicy().isNone();
    }

    private @Nullable AmqpException awaitRoom(long length, long firstLimit, boolean counted) {
        long limit = firstLimit;
        boolean throttled = false;
        while (true) {
            if (state.closeCause != null) {
                return refused(state.closeCause);
            }
            boolean room = mayAppend(length);
            if (room && (throttled || loop.inEventLoop() || !log.watermark().mustWait(length))) {
                return null;
            }
            if (loop.inEventLoop()) {
                return timedOut("no room, and an I/O thread may not wait for it: ");
            }
            long now = log.nanoTime();
            boolean standsStill = counted && !state.clock.runs();
            long remaining = standsStill ? BrokerSilence.RECHECK_NANOS : limit - now;
            if (remaining <= 0) {
                return room ? null : timedOut("timed out waiting for room: ");
            }
            try {
                if (room) {
                    throttled = true; // once: the watermark must not use up the deadline
                    log.watermark().await(remaining / 2);
                } else {
                    log.endPause();
                    state.waitingPublishers.await(remaining, !state.hasBytes(length));
                }
                limit += standsStill ? log.nanoTime() - now : 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return mayAppend(length) ? null : timedOut("interrupted while waiting for room: ");
            }
        }
    }

    private PublishException timedOut(String message) {
        return refused(new AmqpTimeoutException(message + reason()));
    }

    private static PublishException refused(AmqpException cause) {
        return new PublishFailure(DeliveryStatus.NOT_SENT, cause).get();
    }

    private String reason() {
        String blocked = state.blockedReason();
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
