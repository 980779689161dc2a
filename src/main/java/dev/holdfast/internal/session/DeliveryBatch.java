package dev.holdfast.internal.session;

import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import java.util.Arrays;

/** Deliveries that one read of the socket brought, handed to the users' thread in one go. Filled by one thread, run by another. */
final class DeliveryBatch implements Runnable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    /** What others on the executor wait for at most. */
    private static final int MOST = 128;

    private DeliveryHandler[] handlers = new DeliveryHandler[4];
    private Delivery[] deliveries = new Delivery[4];
    private int size;

    /** Returns whether the batch is full now. */
    boolean add(DeliveryHandler handler, Delivery delivery) {
        if (size == deliveries.length) {
            handlers = Arrays.copyOf(handlers, size * 4);
            deliveries = Arrays.copyOf(deliveries, size * 4);
        }
        handlers[size] = handler;
        deliveries[size] = delivery;
        size++;
        return size == MOST;
    }

    /** What one handler throws, or an interrupt meant for it, is no business of the next. */
    @Override
    @SuppressWarnings("NullAway") // what was handled is let go of; nobody looks at its place again
    public void run() {
        boolean interrupted = false;
        for (int i = 0; i < size; i++) {
            handle(handlers[i], deliveries[i]);
            handlers[i] = null;
            deliveries[i] = null;
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void handle(DeliveryHandler handler, Delivery delivery) {
        try {
            handler.handle(delivery);
        } catch (Exception | Error e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            LOG.log(System.Logger.Level.WARNING, "the handler of consumer '" + delivery.consumerTag() + "' threw", e);
        }
    }
}
