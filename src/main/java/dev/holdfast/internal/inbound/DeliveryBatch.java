package dev.holdfast.internal.inbound;

import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.internal.concurrent.SerialExecutor;
import dev.holdfast.internal.concurrent.UserCallbacks;
import java.util.Arrays;

/**
 * Deliveries of one read, passed to the delivery executor as one task. One thread fills it, then another runs it.
 */
public final class DeliveryBatch implements SerialExecutor.Work {
    /** Maximum number of deliveries of a batch. */
    static final int MAX_SIZE = 1024;

    /** Maximum number of deliveries handled before other work of the executor has its turn. */
    private static final int MAX_PER_TURN = 128;

    /** The backlog is updated when this many bytes were handled: a turn may be far larger. */
    private static final long UPDATE_BYTES = 256 << 10;

    /** Approximate memory of a message besides its body, in bytes. */
    private static final int OVERHEAD = 128;

    private final DeliveryBacklog backlog;
    private DeliveryHandler[] handlers;
    private Delivery[] deliveries;
    private int size;
    private int next;
    private long bytes;

    /** @param expectedSize initial capacity */
    public DeliveryBatch(int expectedSize, DeliveryBacklog backlog) {
        this.backlog = backlog;
        this.handlers = new DeliveryHandler[expectedSize];
        this.deliveries = new Delivery[expectedSize];
    }

    /** Adds a delivery and returns whether the batch is full. */
    public boolean add(DeliveryHandler handler, Delivery delivery) {
        if (size == deliveries.length) {
            int capacity = Math.min(MAX_SIZE, size * 2);
            handlers = Arrays.copyOf(handlers, capacity);
            deliveries = Arrays.copyOf(deliveries, capacity);
        }
        handlers[size] = handler;
        deliveries[size] = delivery;
        bytes += bytes(delivery);
        size++;
        return size == MAX_SIZE;
    }

    public int size() {
        return size;
    }

    /** Approximate memory of the deliveries, in bytes. */
    public long bytes() {
        return bytes;
    }

    /** Handles the next deliveries. An exception or an interrupt of one handler does not affect the next. */
    @Override
    @SuppressWarnings("NullAway") // the slots of handled deliveries are cleared for the collector and never read again
    public boolean runTurn() {
        boolean interrupted = false;
        long handled = 0;
        int end = Math.min(size, next + MAX_PER_TURN);
        while (next < end) {
            Delivery delivery = deliveries[next];
            DeliveryHandler handler = handlers[next];
            deliveries[next] = null;
            handlers[next] = null;
            next++;
            handled += bytes(delivery);
            handle(handler, delivery);
            interrupted |= Thread.interrupted();
            if (handled >= UPDATE_BYTES) {
                backlog.handled(handled);
                handled = 0;
            }
        }
        backlog.handled(handled);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return next < size;
    }

    private static long bytes(Delivery delivery) {
        return (long) delivery.bodyLength() + OVERHEAD;
    }

    private static void handle(DeliveryHandler handler, Delivery delivery) {
        try {
            handler.handle(delivery);
        } catch (Exception | Error e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            UserCallbacks.logFailure("the handler of consumer '" + delivery.consumerTag() + "' threw", e);
        }
    }
}
