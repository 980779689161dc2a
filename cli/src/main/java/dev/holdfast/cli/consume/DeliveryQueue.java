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

/** Where deliveries wait for the thread that handles them; the consumer's prefetch bounds how many. Thread-safe. */
public final class DeliveryQueue implements DeliveryHandler {
    /** Wakes whoever waits when nothing more will come. */
    private static final Delivery END = new Delivery("", 0, false, "", "", MessageProperties.EMPTY, new byte[0], 0, -1);

    private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;

    @Override
    public void handle(Delivery delivery) {
        deliveries.add(delivery);
    }

    @Override
    public void cancelled(String consumerTag) {
        cancelled = true;
        deliveries.add(END);
    }

    /** Whether the broker has ended the consumer. */
    public boolean cancelled() {
        return cancelled;
    }

    /** Takes at most so many of those that are there. */
    public void drainTo(Collection<Delivery> target, int max) {
        deliveries.drainTo(target, max);
        target.remove(END);
    }

    /** Waits for the next; null when it did not come in time or none will. */
    public @Nullable Delivery await(@Nullable Duration timeout) throws InterruptedException {
        if (cancelled && deliveries.isEmpty()) {
            return null;
        }
        Delivery next = timeout == null ? deliveries.take() : deliveries.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return next == END ? null : next;
    }
}
