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

    /**
     * A batch is full at this size: the backlog counts it from then on. Messages of less than about 1 KiB
     * reach {@link #MAX_SIZE} first.
     */
    private static final long MAX_BYTES = 1 << 20;

    /** The backlog is updated when this many bytes were handled: a turn may be far larger. */
    private static final long UPDATE_BYTES = 256 << 10;

    private final DeliveryBacklog backlog;
    private DeliveryHandler[] handlers;
    private Delivery[] deliveries;
    private int size;
    private int next;
    private long bytes;

    /** Bytes of which the backlog was told that they are handled. */
    private long handledBytes;

    /** @param expectedSize initial capacity */
    public DeliveryBatch(int expectedSize, DeliveryBacklog backlog) {
        this.backlog = backlog;
        this.handlers = new DeliveryHandler[expectedSize];
        this.deliveries = new Delivery[expectedSize];
    }

    /**
     * Adds a delivery and returns whether the batch is full.
     *
     * @param propertiesBytes approximate memory of its properties, 0 if it shares them with the one before
     */
    public boolean add(DeliveryHandler handler, Delivery delivery, long propertiesBytes) {
        if (size == deliveries.length) {
            int capacity = Math.min(MAX_SIZE, size * 2);
            handlers = Arrays.copyOf(handlers, capacity);
            deliveries = Arrays.copyOf(deliveries, capacity);
        }
        handlers[size] = handler;
        deliveries[size] = delivery;
        bytes += bytes(delivery) + propertiesBytes;
        size++;
        return size == MAX_SIZE || bytes >= MAX_BYTES;
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
                handled(handled);
                handled = 0;
            }
        }
        handled(next < size ? handled : bytes - handledBytes); // at the end those of the properties too
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return next < size;
    }

    private void handled(long fewer) {
        handledBytes += fewer;
        backlog.handled(fewer);
    }

    private static long bytes(Delivery delivery) {
        return (long) delivery.bodyLength() + DeliveryBacklog.OVERHEAD;
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
