package dev.holdfast.cli.perf;

import dev.holdfast.Channel;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;

/** One consumer of a run: counts, and acknowledges many at a time. */
final class CountingConsumer implements DeliveryHandler {
    private final Channel channel;
    private final DeliveryCounter taken;
    private final int batch;
    private int unacknowledged;

    /** @param batch how many are acknowledged together */
    CountingConsumer(Channel channel, DeliveryCounter taken, int batch) {
        this.channel = channel;
        this.taken = taken;
        this.batch = batch;
    }

    @Override
    public void handle(Delivery delivery) {
        boolean last = taken.next();
        if (++unacknowledged == batch || last) {
            channel.ackMultiple(delivery);
            unacknowledged = 0;
        }
    }

    @Override
    public void cancelled(String consumerTag) {
        taken.cancelled();
    }
}
