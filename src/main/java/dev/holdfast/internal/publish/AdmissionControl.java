package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.outbound.UnconfirmedBytes;
import dev.holdfast.internal.state.PublishFailure;
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
    private final UnconfirmedBytes bytes;
    private final EventLoop loop;

    AdmissionControl(PublishState state, EventLoop loop) {
        this.state = state;
        this.log = state.log;
        this.bytes = log.bytes();
        this.loop = loop;
    }

    /** Admits a message of this length, or returns why it is refused. */
    @Nullable
    AmqpException admit(PublishOptions options, long length, long deadline) {
        AmqpException refusal = refusal(options);
        if (refusal != null || (mayAppend(length) && !log.watermark().mustWait(length))) {
            return refusal;
        }
        refusal = awaitRoom(length, options, deadline);
        return refusal == null ? refusal(options) : refusal; // meanwhile the link may have changed
    }

    /** Why no message with these options is accepted; null if it may be. */
    @Nullable
    AmqpException refusal(PublishOptions options) {
        return state.closeCause != null
                ? refusal("")
                : state.refusesImmediate(options) ? PublishFailure.immediateRefused(DeliveryStatus.NOT_SENT) : null;
    }

    private boolean mayAppend(long length) {
        return mayTakePlace() && bytes.admits(length);
    }

    private boolean mayTakePlace() {
        return state.closeCause == null && state.clock.blockedReason() == null && state.hasPlace();
    }

    /**
     * Waits for room until the deadline. A publish without a deadline waits for the confirm timeout plus the budget of
     * its retry policy; with a policy, time in which the broker's silence does not count is left out.
     */
    private @Nullable AmqpException awaitRoom(long length, PublishOptions options, long deadline) {
        if (EventLoopCalls.isOnGroupOf(loop)) { // does not wait, and therefore not for others that wait
            return mayTakePlace() && bytes.fits(length)
                    ? null
                    : refusal("no room, and an I/O thread may not wait for it: ");
        }
        boolean counted = deadline == ConfirmWindow.NO_DEADLINE;
        long limit = counted
                ? state.clock.at(log.nanoTime(), options)
                        + state.confirmTimeoutNanos(options)
                        + options.retryPolicy().budget().toNanos()
                : deadline;
        boolean throttled = false;
        try {
            while (true) {
                long now = log.nanoTime();
                long remaining = counted ? state.clock.remaining(limit, now, options) : limit - now;
                boolean place = mayTakePlace();
                if (place && bytes.admits(length)) {
                    if (throttled || remaining <= 0 || !log.watermark().mustWait(length)) {
                        return null;
                    }
                    throttled = true; // once: the watermark must not use up the deadline
                    log.watermark().await(remaining / 2);
                } else if (remaining <= 0 || state.closeCause != null) {
                    return refusal("timed out waiting for room: ");
                } else {
                    log.endPause();
                    if (!place) {
                        long unused = state.waitingPublishers.await(remaining);
                    } else if (bytes.await(length, now + remaining, this::mayTakePlace)) {
                        return null;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return mayAppend(length) ? null : refusal("interrupted while waiting for room: ");
        }
    }

    /** Why a message is refused that found no room. */
    private PublishException refusal(String message) {
        AmqpException cause = state.closeCause;
        return new PublishFailure(
                        DeliveryStatus.NOT_SENT, cause == null ? new AmqpTimeoutException(message + reason()) : cause)
                .get();
    }

    private String reason() {
        String blocked = state.clock.blockedReason();
        if (blocked != null) {
            return blocked;
        }
        String full = state.outstanding() + " messages and " + bytes.used()
                + " bytes unconfirmed (limits: " + state.options.maxUnconfirmed() + " and "
                + state.options.maxUnconfirmedBytes() + ")";
        AmqpException failure = state.lastFailure;
        return state.open || failure == null ? full : full + ", no connection: " + failure.getMessage();
    }
}
