package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.ConfirmWindow;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * What a failed attempt comes to: the message fails, waits for the link, or sleeps as its policy says and is appended
 * again at its turn.
 *
 * <p>Event loop only, under the log's lock where it says so.
 */
final class RetryScheduler {
    private final PublishState state;
    private final EventLoop loop;
    private final Map<ScheduledRetry, Future<?>> sleeping = new LinkedHashMap<>();
    private Predicate<ScheduledRetry> appender = message -> false;

    RetryScheduler(PublishState state, EventLoop loop) {
        this.state = state;
        this.loop = loop;
    }

    /** Where a message goes at its turn; called under the lock, true if the drain must be scheduled. */
    void appender(Predicate<ScheduledRetry> appender) {
        this.appender = appender;
    }

    /** The attempt failed with the link or the channel: the message waits for the next one, or fails. Needs the lock. */
    void attemptLost(long position, AmqpException cause, long now) {
        PublishOptions options = state.window.options(position);
        RetryPolicy policy = options.retryPolicy();
        if (!policy.retries(cause)) {
            state.failDelivery(position, cause);
            return;
        }
        int attempts = state.window.attempts(position);
        if (policy.exhausted(attempts)) {
            exhausted(position, cause);
            return;
        }
        Duration delay = policy.delay(attempts);
        state.window.retry(position, now + delay.toNanos(), state.rounds);
        notice(policy, cause, delay);
    }

    /** The policy's rule while the link is down: is retry k used up? Needs the lock. */
    void roundFailed(long position, AmqpException cause, long now) {
        ConfirmWindow window = state.window;
        if (!window.has(position, ConfirmWindow.RETRYING)) {
            attemptLost(position, cause, now);
            return;
        }
        if (now - window.retryAt(position) >= 0 && state.rounds > window.retryRound(position)) {
            window.attempts(position, window.attempts(position) + 1);
            attemptLost(position, cause, now);
        }
    }

    /** The broker refused this message, or what it declares: it sleeps and comes again, or fails. Needs the lock. */
    void attemptRefused(long position, AmqpException cause, DeliveryStatus worst) {
        PublishOptions options = state.window.options(position);
        RetryPolicy policy = options.retryPolicy();
        if (worst == DeliveryStatus.UNKNOWN) {
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
        sleep(position, policy, cause);
    }

    private void sleep(long position, RetryPolicy policy, AmqpException cause) {
        ConfirmWindow window = state.window;
        int attempts = window.attempts(position);
        Duration delay = policy.delay(attempts);
        long deadline = window.deadline(position);
        long wake = Math.min(state.log.nanoTime() + delay.toNanos(), deadline);
        ScheduledRetry message = new ScheduledRetry(
                copy(window.record(position)),
                window.future(position),
                window.options(position),
                attempts,
                deadline,
                window.has(position, ConfirmWindow.IN_DOUBT));
        state.take(position);
        state.delayed++;
        long wait = Math.max(0, wake - state.log.nanoTime());
        sleeping.put(message, loop.schedule(() -> wake(message, cause), wait, TimeUnit.NANOSECONDS));
        state.completions.addCallback(() -> state.log.events().retrying(cause, delay));
        notice(policy, cause, delay);
    }

    private static MessageRecord copy(MessageRecord record) {
        int length = Math.toIntExact(record.copyLength(Integer.MAX_VALUE));
        ByteBuffer bytes = ByteBuffer.allocate(length);
        record.copyTo(bytes, 0, Integer.MAX_VALUE);
        return new MessageRecord(Unpooled.wrappedBuffer(bytes.array()), 0, length);
    }

    private void wake(ScheduledRetry message, AmqpException cause) {
        sleeping.remove(message);
        boolean schedule = false;
        state.log.lock();
        try {
            state.delayed--;
            long deadline = message.deadline();
            if (deadline != ConfirmWindow.NO_DEADLINE && state.log.nanoTime() - deadline >= 0) {
                state.completions.addFailed(message.future(), given(message, cause));
            } else if (!message.future().isDone()) {
                Throwable never =
                        state.open ? state.unsendable(message.options(), message.record(), delivery(message)) : null;
                if (never == null) {
                    schedule = appender.test(message);
                } else {
                    state.completions.addFailed(message.future(), never);
                }
            } else {
                state.log.counters().failed(1);
            }
            state.settled();
        } finally {
            state.log.unlock();
        }
        if (schedule) {
            state.log.schedule();
        }
        state.completions.completeAll();
    }

    /** Fails all that sleep. Needs the lock. */
    void close(AmqpException cause) {
        sleeping.forEach((message, task) -> {
            boolean unused = task.cancel(false);
            state.completions.addFailed(message.future(), given(message, cause));
        });
        state.delayed -= sleeping.size();
        sleeping.clear();
    }

    private static PublishFailure given(ScheduledRetry message, AmqpException cause) {
        return new PublishFailure(delivery(message), cause);
    }

    private static DeliveryStatus delivery(ScheduledRetry message) {
        return message.maybeDelivered() ? DeliveryStatus.UNKNOWN : DeliveryStatus.NOT_SENT;
    }

    private void exhausted(long position, AmqpException cause) {
        int attempts = state.window.attempts(position);
        DeliveryStatus delivery = state.delivery(position);
        state.completions.addFailed(
                state.take(position), () -> new RetriesExhaustedException(attempts, cause, delivery));
    }

    private void notice(RetryPolicy policy, AmqpException cause, Duration delay) {
        BiConsumer<AmqpException, Duration> listener = policy.onRetry();
        if (listener != null) {
            state.completions.addCallback(() -> listener.accept(cause, delay));
        }
    }
}
