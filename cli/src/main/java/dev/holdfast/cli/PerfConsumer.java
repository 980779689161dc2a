package dev.holdfast.cli;

import dev.holdfast.Channel;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;

/** One consumer of a run: counts, and acknowledges many at a time. */
final class PerfConsumer implements DeliveryHandler {
    private final Channel channel;
    private final PerfTaken taken;
    private final int batch;
    private int unacknowledged;

    /** @param batch how many are acknowledged together */
    PerfConsumer(Channel channel, PerfTaken taken, int batch) {
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
