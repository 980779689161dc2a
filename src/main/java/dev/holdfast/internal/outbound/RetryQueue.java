package dev.holdfast.internal.outbound;

import dev.holdfast.Confirmation;
import dev.holdfast.internal.outbound.UnconfirmedBytes.Waiter;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a publisher that are outside its window until their next attempt. After its delay a message is due:
 * it waits, in order and ahead of new messages, until its bytes are admitted.
 *
 * <p>Guarded by the log's lock. Timers run on the event loop.
 */
public final class RetryQueue {
    private final OutboundLog log;
    private final EventLoop loop;
    private final Consumer<Runnable> resume;

    /** All messages, each with its timer. */
    private final Map<ScheduledRetry, Future<?>> timers = new LinkedHashMap<>();

    private final Deque<ScheduledRetry> due = new ArrayDeque<>();

    /** Waits for the bytes of the first message that is due. */
    private @Nullable Waiter waiter;

    private boolean resuming;

    /**
     * @param resume called on the event loop without the lock: takes it, runs the action, and then ends every message
     *     that {@link #next} returns
     */
    public RetryQueue(OutboundLog log, EventLoop loop, Consumer<Runnable> resume) {
        this.log = log;
        this.loop = loop;
        this.resume = resume;
    }

    /** Adds a message that is due after its delay, or once it is over. */
    public void add(ScheduledRetry message, long delayNanos) {
        setTimer(message, log.nanoTime() + delayNanos);
        log.bytes().delay(message.length());
    }

    private void setTimer(ScheduledRetry message, long time) {
        long wait = Math.max(0, Math.min(time, message.deadline()) - log.nanoTime());
        Runnable fired = log.guarded(() -> resume.accept(() -> timerFired(message)));
        timers.put(message, loop.schedule(fired, wait, TimeUnit.NANOSECONDS));
    }

    private void timerFired(ScheduledRetry message) {
        if (message.isOver(log.nanoTime())) {
            boolean unused = due.remove(message);
            stopWaiting();
            due.addFirst(message);
        } else {
            due.addLast(message);
            if (message.deadline() != ConfirmWindow.NO_DEADLINE) {
                setTimer(message, message.deadline());
            }
        }
    }

    /** Looks at the first message that is due again: it may be admitted. Any thread. */
    public void signal() {
        if (!due.isEmpty() && !resuming) {
            resuming = true;
            loop.execute(log.guarded(() -> resume.accept(() -> resuming = false)));
        }
    }

    /**
     * Returns the first message that is due, if it is over or admitted; null otherwise.
     *
     * @param mayAppend whether it may be appended if its bytes are admitted. If not, the caller calls {@link #signal}
     *     once it may be
     */
    public @Nullable ScheduledRetry next(boolean mayAppend) {
        ScheduledRetry first = due.peek();
        if (first == null || first.isOver(log.nanoTime())) {
            return first;
        }
        if (!mayAppend) {
            stopWaiting();
            return null;
        }
        if (waiter == null) {
            waiter = new Waiter(first.length(), true, this::signal);
            log.bytes().enqueue(waiter);
        }
        return log.bytes().admits(waiter) ? first : null;
    }

    /** Removes a message that is in the window again, or has its outcome. */
    public void remove(ScheduledRetry message) {
        Future<?> timer = timers.remove(message);
        if (timer != null) {
            boolean unusedResult = timer.cancel(false);
        }
        boolean unused = due.remove(message);
        stopWaiting();
        log.bytes().endDelay(message.length());
    }

    private void stopWaiting() {
        if (waiter != null) {
            log.bytes().leave(waiter);
            waiter = null;
        }
    }

    /** All messages, in the order in which they were added. */
    public Collection<ScheduledRetry> messages() {
        return List.copyOf(timers.keySet());
    }

    /** The message with this future; null if there is none. */
    public @Nullable ScheduledRetry find(CompletableFuture<Confirmation> future) {
        for (ScheduledRetry message : timers.keySet()) {
            if (message.future() == future) {
                return message;
            }
        }
        return null;
    }
}
