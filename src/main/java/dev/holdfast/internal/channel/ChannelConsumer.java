package dev.holdfast.internal.channel;

import dev.holdfast.AmqpException;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One consumer of a channel. Passes deliveries to the handler of the user, except those that can no longer be
 * acknowledged, because their channel or the consumer has ended: the broker delivers them again.
 */
final class ChannelConsumer implements DeliveryHandler {
    private static final String STREAM_OFFSET = "x-stream-offset";

    private final String queue;
    private final ConsumeOptions options;
    private final DeliveryHandler handler;
    private final ChannelWriter writer;
    private final DeliveryBacklog backlog;
    private final StreamPosition position = new StreamPosition();

    /** Whether the first delivery since the last start has arrived. Event loop only. */
    private boolean delivered;

    /** Whether deliveries carry the offset in a stream. Event loop only. */
    private boolean stream;

    private volatile boolean ended;

    ChannelConsumer(
            String queue,
            ConsumeOptions options,
            DeliveryHandler handler,
            ChannelWriter writer,
            DeliveryBacklog backlog) {
        this.queue = queue;
        this.options = options;
        this.handler = handler;
        this.writer = writer;
        this.backlog = backlog;
    }

    String queue() {
        return queue;
    }

    ConsumeOptions options() {
        return options;
    }

    StreamPosition position() {
        return position;
    }

    /** The arguments of basic.consume in this opening of the channel. */
    Map<String, Object> startArguments(long epoch) {
        delivered = false;
        long offset = position.start(epoch);
        if (offset < 0) {
            return options.arguments();
        }
        Map<String, Object> arguments = new LinkedHashMap<>(options.arguments());
        arguments.put(STREAM_OFFSET, offset);
        return arguments;
    }

    /** A delivery has arrived. Returns whether the consumer reads a stream. Event loop only. */
    boolean received(Delivery delivery) {
        if ((stream || !delivered) && !options.noAck() && delivery.decodeError() == null) {
            delivered = true;
            Object offset = delivery.properties().headers().get(STREAM_OFFSET);
            stream = offset instanceof Number;
            if (offset instanceof Number value) {
                position.received(delivery.deliveryTag(), value.longValue(), delivery.epoch());
            }
        }
        return stream;
    }

    /** The broker has ended the consumer: what waits for the handler was requeued. */
    void ended() {
        ended = true;
    }

    @Override
    public void handle(Delivery delivery) throws Exception {
        if (!options.noAck() && (ended || writer.liveEpoch() != delivery.epoch())) {
            backlog.droppedDelivery();
        } else {
            handler.handle(delivery);
        }
    }

    @Override
    public void cancelled(String consumerTag, @Nullable AmqpException reason) {
        handler.cancelled(consumerTag, reason);
    }
}
