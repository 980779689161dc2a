package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.UnconfirmedBytes;
import dev.holdfast.internal.outbound.UnconfirmedBytes.Waiter;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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
    private final EventLoop loop;
    private final UnconfirmedBytes bytes;
    private Predicate<ScheduledRetry> appender = message -> false;

    /** The messages outside the window, each with its timer. Guarded by the log's lock, as are the fields below. */
    private final Map<ScheduledRetry, Future<?>> delayed = new LinkedHashMap<>();

    /** Those of them whose delay is over, and that wait for room. */
    private final Queue<ScheduledRetry> due = new ArrayDeque<>();

    /** Waits for bytes, for the first message that is due. */
    private @Nullable Waiter waiter;

    private boolean resuming;

    RetryScheduler(PublishState state, EventLoop loop) {
        this.state = state;
        this.loop = loop;
        this.bytes = state.log.bytes();
        state.resumeRetries = this::resume;
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
        PublishOptions options = state.window.options(position);
        RetryPolicy policy = options.retryPolicy();
        if (status == DeliveryStatus.UNKNOWN) {
            state.window.set(position, ConfirmWindow.MAYBE_DELIVERED);
        }
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
            state.fail(position, PublishFailure.notRetried(state.deliveryStatus(position), e));
            return;
        }
        ScheduledRetry message = new ScheduledRetry(
                copy,
                record.copyLength(state.frameMax),
                window.future(position),
                window.options(position),
                attempts,
                window.deadline(position),
                window.has(position, ConfirmWindow.IN_DOUBT),
                cause);
        setTimer(message, state.log.nanoTime() + delay.toNanos());
        state.delayedRetries++;
        bytes.delay(message.length());
        CompletableFuture<Confirmation> unused = state.remove(position);
        state.completions.addCallback(() -> state.log.events().retrying(cause, delay));
        callOnRetry(policy, cause, delay);
    }

    private static MessageRecord copy(MessageRecord record) {
        int length = Math.toIntExact(record.copyLength(Integer.MAX_VALUE));
        ByteBuffer bytes = ByteBuffer.allocate(length);
        record.copyTo(bytes, 0, Integer.MAX_VALUE);
        return new MessageRecord(Unpooled.wrappedBuffer(bytes.array()), 0, length);
    }

    private void setTimer(ScheduledRetry message, long time) {
        long wait = Math.max(0, Math.min(time, message.deadline()) - state.log.nanoTime());
        delayed.put(message, loop.schedule(() -> delayOver(message), wait, TimeUnit.NANOSECONDS));
    }

    /** The delay of this message is over, or its deadline has passed. */
    private void delayOver(ScheduledRetry message) {
        sendDue(() -> {
            long deadline = message.deadline();
            if (deadline == ConfirmWindow.NO_DEADLINE) {
                due.add(message);
            } else if (state.log.nanoTime() - deadline < 0) {
                due.add(message);
                setTimer(message, deadline);
            } else {
                boolean unused = due.remove(message);
                state.completions.addFailed(message.future(), failure(message, message.cause()));
                end(message);
            }
        });
    }

    /** Sends the messages that are due, if there are any. Any thread, with the lock. */
    private void resume() {
        if (!due.isEmpty() && !resuming) {
            resuming = true;
            loop.execute(() -> sendDue(() -> resuming = false));
        }
    }

    /** Sends the messages that are due, in order, as far as there is room. */
    private void sendDue(Runnable before) {
        boolean schedule = false;
        state.log.lock();
        try {
            before.run();
            ScheduledRetry message;
            while ((message = due.peek()) != null && maySend(message)) {
                due.remove();
                schedule |= send(message);
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

    /** Whether there is room for the first message that is due. If not, {@link #resume} is called when it may be. */
    private boolean maySend(ScheduledRetry first) {
        state.retryAwaitsPlace = !state.hasPlaceInRing();
        if (state.retryAwaitsPlace || state.blockedReason() != null) {
            stopWaiting();
            return false;
        }
        if (waiter == null) {
            waiter = new Waiter(first.length(), true, this::resume);
            bytes.enqueue(waiter);
        }
        return bytes.admits(waiter);
    }

    private boolean send(ScheduledRetry message) {
        boolean schedule = false;
        try {
            Throwable unsendable =
                    state.open ? state.unsendableCause(message.options(), message.record(), message.status()) : null;
            if (message.future().isDone()) {
                state.log.counters().failed(1);
            } else if (unsendable != null) {
                state.completions.addFailed(message.future(), unsendable);
            } else {
                schedule = appender.test(message);
            }
        } catch (RuntimeException | Error e) {
            state.completions.addFailed(message.future(), PublishFailure.notRetried(message.status(), e));
        }
        end(message);
        return schedule;
    }

    /** The message is in the window again, or has its outcome. */
    private void end(ScheduledRetry message) {
        Future<?> timer = delayed.remove(message);
        if (timer != null) {
            boolean unused = timer.cancel(false);
        }
        state.delayedRetries--;
        stopWaiting();
        bytes.endDelay(message.length());
    }

    private void stopWaiting() {
        if (waiter != null) {
            bytes.leave(waiter);
            waiter = null;
        }
    }

    /** Whether the broker may hold the message of this future; null if it is not delayed. Needs the lock. */
    @Nullable
    DeliveryStatus deliveryStatus(CompletableFuture<Confirmation> future) {
        for (ScheduledRetry message : delayed.keySet()) {
            if (message.future() == future) {
                return message.status();
            }
        }
        return null;
    }

    /** Fails the messages in their retry delay. Needs the lock. */
    void close(AmqpException cause) {
        due.clear();
        for (ScheduledRetry message : List.copyOf(delayed.keySet())) {
            state.completions.addFailed(message.future(), failure(message, cause));
            end(message);
        }
    }

    private static PublishFailure failure(ScheduledRetry message, AmqpException cause) {
        return new PublishFailure(message.status(), cause);
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
