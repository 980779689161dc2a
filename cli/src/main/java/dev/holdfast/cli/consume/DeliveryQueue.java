package dev.holdfast.cli.consume;

import dev.holdfast.AmqpException;
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
    private volatile @Nullable String cancelReason;
    private volatile boolean ended;

    @Override
    public void handle(Delivery delivery) {
        deliveries.add(delivery);
    }

    @Override
    public void cancelled(String consumerTag, @Nullable AmqpException reason) {
        cancelReason = reason == null
                ? "the broker cancelled the consumer: the queue is deleted, or moved to another node"
                : "the consumer has ended: " + reason.getMessage();
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

    /** Returns why the consumer was cancelled; null if it was not. */
    public @Nullable String cancelReason() {
        return cancelReason;
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
        if (ended || (cancelReason != null && deliveries.isEmpty())) {
            return null;
        }
        Delivery next = timeout == null ? deliveries.take() : deliveries.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return next == END ? null : next;
    }
}
