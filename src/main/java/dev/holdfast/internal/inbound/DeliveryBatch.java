package dev.holdfast.internal.inbound;

import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.internal.concurrent.SerialExecutor;
import dev.holdfast.internal.concurrent.UserCallbacks;
import java.util.Arrays;

/** Deliveries that came together, handed to the users' thread in one go. Filled by one thread, then run by another. */
public final class DeliveryBatch implements SerialExecutor.Work {
    /** What is gathered at most before it is handed over. */
    static final int MOST = 1024;

    /** What others on the executor wait for at most. */
    private static final int TURN = 128;

    /** So many bytes that were handled are told at once: a turn may be much more. */
    private static final long TOLD = 256 << 10;

    /** What a message takes besides its body, about. */
    private static final int OVERHEAD = 128;

    private final DeliveryBacklog backlog;
    private DeliveryHandler[] handlers;
    private Delivery[] deliveries;
    private int size;
    private int next;
    private long bytes;

    /** @param expected how many it will be, about */
    public DeliveryBatch(int expected, DeliveryBacklog backlog) {
        this.backlog = backlog;
        this.handlers = new DeliveryHandler[expected];
        this.deliveries = new Delivery[expected];
    }

    /** Returns whether the batch is full now. */
    public boolean add(DeliveryHandler handler, Delivery delivery) {
        if (size == deliveries.length) {
            int more = Math.min(MOST, size * 2);
            handlers = Arrays.copyOf(handlers, more);
            deliveries = Arrays.copyOf(deliveries, more);
        }
        handlers[size] = handler;
        deliveries[size] = delivery;
        bytes += bytes(delivery);
        size++;
        return size == MOST;
    }

    public int size() {
        return size;
    }

    /** What it holds in memory, about. */
    public long bytes() {
        return bytes;
    }

    /** What one handler throws, or an interrupt meant for it, is no business of the next. */
    @Override
    @SuppressWarnings("NullAway") // what was handled is let go of; nobody looks at its place again
    public boolean turn() {
        boolean interrupted = false;
        long handled = 0;
        int end = Math.min(size, next + TURN);
        while (next < end) {
            Delivery delivery = deliveries[next];
            DeliveryHandler handler = handlers[next];
            deliveries[next] = null;
            handlers[next] = null;
            next++;
            handled += bytes(delivery);
            handle(handler, delivery);
            interrupted |= Thread.interrupted();
            if (handled >= TOLD) {
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
        return (long) delivery.body().length + OVERHEAD;
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
