package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.RetryQueue;
import dev.holdfast.internal.outbound.ScheduledRetry;
import dev.holdfast.internal.state.PublishFailure;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Applies the retry policy of a message after a failed attempt: the message fails, stays in the window until the next
 * link, or leaves the window for the delay of the policy and is then appended again.
 *
 * <p>Event loop only; with the log's lock where a method says so.
 */
final class RetryScheduler {
    private final PublishState state;
    private final RetryQueue delayed;
    private Predicate<ScheduledRetry> appender = message -> false;

    RetryScheduler(PublishState state, EventLoop loop) {
        this.state = state;
        this.delayed = new RetryQueue(state.log, loop, this::sendDue);
        state.resumeRetries = delayed::signal;
    }

    /**
     * Sets the function that appends a message after its delay. Called with the lock; returns whether the drain must be
     * scheduled.
     */
    void appender(Predicate<ScheduledRetry> appender) {
        this.appender = appender;
    }

    /** The attempt failed with the link or channel: the message waits for the next one, or fails. Needs the lock. */
    void attemptLost(long position, AmqpException cause, long now) {
        failOnError(position, () -> retryOnNextLink(position, cause, now));
    }

    /** Runs a step for a message; an error of it, such as a lack of memory, fails that message only. */
    private void failOnError(long position, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            if (state.window.isLive(position)) {
                state.failWithError(position, e);
            }
        }
    }

    private void retryOnNextLink(long position, AmqpException cause, long now) {
        PublishOptions options = state.window.options(position);
        RetryPolicy policy = options.retryPolicy();
        if (!policy.retries(cause)) {
            state.failWithStatus(position, cause);
            return;
        }
        int attempts = state.window.attempts(position);
        if (policy.exhausted(attempts)) {
            exhausted(position, cause);
            return;
        }
        Duration delay = policy.delay(attempts);
        state.window.retry(position, now + delay.toNanos(), state.failedRounds);
        callOnRetry(policy, cause, delay);
    }

    /**
     * A connect round failed. A retry counts as failed once its delay is over and a round has failed since it was
     * scheduled. Needs the lock.
     */
    void roundFailed(long position, AmqpException cause, long now) {
        ConfirmWindow window = state.window;
        if (!window.has(position, ConfirmWindow.RETRYING)) {
            attemptLost(position, cause, now);
            return;
        }
        if (now - window.retryAt(position) >= 0 && state.failedRounds > window.retryRound(position)) {
            window.attempts(position, window.attempts(position) + 1);
            attemptLost(position, cause, now);
        }
    }

    /**
     * The broker refused this message or a declaration of it: the message is retried after the delay of its policy, or
     * fails. Needs the lock.
     *
     * @param status UNKNOWN if the broker may hold the message in spite of its refusal
     */
    void attemptRefused(long position, AmqpException cause, DeliveryStatus status) {
        if (status == DeliveryStatus.UNKNOWN) {
            state.window.set(position, ConfirmWindow.MAYBE_DELIVERED);
        }
        failOnError(position, () -> retryAfterDelay(position, cause));
    }

    /** The broker returned this message. A retry declares again what may be missing, once. Needs the lock. */
    void returned(long position, AmqpException cause, boolean mayBeMissing) {
        RetryPolicy policy = state.window.options(position).retryPolicy();
        if (mayBeMissing && state.window.attempts(position) == 1 && !policy.isNone()) {
            failOnError(position, () -> delay(position, policy, cause));
        } else {
            attemptRefused(position, cause, DeliveryStatus.NOT_SENT);
        }
    }

    private void retryAfterDelay(long position, AmqpException cause) {
        RetryPolicy policy = state.window.options(position).retryPolicy();
        if (!policy.retries(cause)) {
            state.fail(position, cause);
            return;
        }
        int attempts = state.window.attempts(position);
        if (policy.exhausted(attempts)) {
            exhausted(position, cause);
            return;
        }
        delay(position, policy, cause);
    }

    private void delay(long position, RetryPolicy policy, AmqpException cause) {
        ConfirmWindow window = state.window;
        int attempts = window.attempts(position);
        Duration delay = policy.delay(attempts);
        MessageRecord record = window.record(position);
        MessageRecord copy;
        try {
            copy = copy(record);
        } catch (OutOfMemoryError e) {
            state.fail(position, PublishFailure.afterError(state.deliveryStatus(position), e));
            return;
        }
        ScheduledRetry message = new ScheduledRetry(
                copy,
                record.copyLength(state.frameMax),
                window.future(position),
                window.options(position),
                attempts,
                window.deadline(position),
                window.has(position, ConfirmWindow.IN_DOUBT) ? DeliveryStatus.UNKNOWN : DeliveryStatus.NOT_SENT,
                cause);
        state.completions.ensureRoom(); // else the message might be delayed and not removed
        delayed.add(message, delay.toNanos());
        CompletableFuture<Confirmation> unused = state.remove(position);
        state.delayedRetries++;
        state.completions.addCallback(() -> state.log.events().retrying(cause, delay));
        callOnRetry(policy, cause, delay);
    }

    private static MessageRecord copy(MessageRecord record) {
        int length = Math.toIntExact(record.copyLength(Integer.MAX_VALUE));
        ByteBuffer bytes = ByteBuffer.allocate(length);
        record.copyTo(bytes, 0, Integer.MAX_VALUE);
        return new MessageRecord(Unpooled.wrappedBuffer(bytes.array()), 0, length);
    }

    /** Sends the messages whose delay is over, in order, as far as there is room. */
    private void sendDue(Runnable before) {
        boolean schedule = false;
        state.log.lock();
        try {
            before.run();
            ScheduledRetry message;
            while ((message = delayed.next(state.mayRetry())) != null) {
                schedule |= send(message);
                delayed.remove(message);
                state.delayedRetries--;
            }
            state.advance();
        } finally {
            state.log.unlock();
        }
        if (schedule) {
            state.log.schedule();
        }
        state.completions.completeAll();
    }

    private boolean send(ScheduledRetry message) {
        try {
            Throwable unsendable =
                    state.open ? state.unsendableCause(message.options(), message.record(), message.status()) : null;
            if (message.future().isDone()) {
                state.log.counters().failed(1);
            } else if (message.isOver(state.log.nanoTime())) {
                fail(message, message.cause());
            } else if (unsendable != null) {
                state.completions.addFailed(message.future(), unsendable);
            } else {
                return appender.test(message);
            }
        } catch (RuntimeException | Error e) {
            state.completions.addFailed(message.future(), PublishFailure.afterError(message.status(), e));
        }
        return false;
    }

    /** Whether the broker may hold the message of this future; null if it is not delayed. Needs the lock. */
    @Nullable
    DeliveryStatus deliveryStatus(CompletableFuture<Confirmation> future) {
        ScheduledRetry message = delayed.find(future);
        return message == null ? null : message.status();
    }

    /** Fails the messages in their retry delay. Needs the lock. */
    void close(AmqpException cause) {
        for (ScheduledRetry message : delayed.messages()) {
            fail(message, cause);
            delayed.remove(message);
        }
        state.delayedRetries = 0;
    }

    private void fail(ScheduledRetry message, AmqpException cause) {
        state.completions.addFailed(message.future(), new PublishFailure(message.status(), cause));
    }

    private void exhausted(long position, AmqpException cause) {
        int attempts = state.window.attempts(position);
        DeliveryStatus status = state.deliveryStatus(position);
        state.completions.addFailed(
                state.remove(position), () -> new RetriesExhaustedException(attempts, cause, status));
    }

    private void callOnRetry(RetryPolicy policy, AmqpException cause, Duration delay) {
        BiConsumer<AmqpException, Duration> listener = policy.onRetry();
        if (listener != null) {
            state.completions.addCallback(() -> listener.accept(cause, delay));
        }
    }
}
