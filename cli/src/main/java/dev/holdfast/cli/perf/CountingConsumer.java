package dev.holdfast.cli.perf;

import dev.holdfast.Channel;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;

/** A consumer of a run: counts deliveries and acknowledges them in batches. */
final class CountingConsumer implements DeliveryHandler {
    private final Channel channel;
    private final DeliveryCounter counter;
    private final int ackBatch;
    private int unacknowledged;

    /** @param ackBatch number of deliveries that one ack covers */
    CountingConsumer(Channel channel, DeliveryCounter counter, int ackBatch) {
        this.channel = channel;
        this.counter = counter;
        this.ackBatch = ackBatch;
    }

    @Override
    public void handle(Delivery delivery) {
        boolean last = counter.increment();
        if (++unacknowledged == ackBatch || last) {
            channel.ackMultiple(delivery);
            unacknowledged = 0;
        }
    }

    @Override
    public void cancelled(String consumerTag) {
        counter.cancel();
    }
}
