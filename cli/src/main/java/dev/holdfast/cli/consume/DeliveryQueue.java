package dev.holdfast.cli.consume;

import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.MessageProperties;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Queues the deliveries of a consumer for the thread that handles them. The prefetch of the consumer bounds the queue.
 * Thread-safe.
 */
public final class DeliveryQueue implements DeliveryHandler {
    /** Wakes the waiting thread when the consumer is cancelled. */
    private static final Delivery END = new Delivery("", 0, false, "", "", MessageProperties.EMPTY, new byte[0], 0, -1);

    private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;
    private volatile boolean ended;

    @Override
    public void handle(Delivery delivery) {
        deliveries.add(delivery);
    }

    @Override
    public void cancelled(String consumerTag) {
        cancelled = true;
        deliveries.add(END);
    }

    /** Makes {@link #await} return null, now and later. */
    public void end() {
        ended = true;
        deliveries.add(END);
    }

    /** Returns whether {@link #end} was called. */
    public boolean ended() {
        return ended;
    }

    /** Returns whether the broker cancelled the consumer. */
    public boolean cancelled() {
        return cancelled;
    }

    /** Moves up to {@code max} queued deliveries to the target, without waiting. */
    public void drainTo(Collection<Delivery> target, int max) {
        deliveries.drainTo(target, max);
        target.remove(END);
    }

    /**
     * Waits for the next delivery; null if none arrives in time, the consumer is cancelled, or {@link #end} was called.
     * A null timeout waits without limit.
     */
    public @Nullable Delivery await(@Nullable Duration timeout) throws InterruptedException {
        if (ended || (cancelled && deliveries.isEmpty())) {
            return null;
        }
        Delivery next = timeout == null ? deliveries.take() : deliveries.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return next == END ? null : next;
    }
}
