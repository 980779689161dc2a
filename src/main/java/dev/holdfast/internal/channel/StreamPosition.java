package dev.holdfast.internal.channel;

import java.util.Map;
import java.util.TreeMap;

/**
 * Where a consumer of a stream goes on after its channel was opened again: at the first message that is not settled,
 * as a queue would deliver it again, else behind the last one. Thread-safe.
 */
final class StreamPosition {
    /** Offsets of the messages that are not settled, by delivery tag. */
    private final TreeMap<Long, Long> unsettled = new TreeMap<>();

    private long epoch;
    private long next = -1;

    /** A message has arrived. */
    synchronized void received(long deliveryTag, long offset, long channelEpoch) {
        if (channelEpoch == epoch) {
            unsettled.put(deliveryTag, offset);
        }
    }

    /** A message, or with {@code multiple} all up to it, was acknowledged or rejected. */
    synchronized void settled(long deliveryTag, boolean multiple, long channelEpoch) {
        if (channelEpoch != epoch) {
            return;
        }
        Map.Entry<Long, Long> last = unsettled.floorEntry(deliveryTag);
        if (last == null || (!multiple && last.getKey() != deliveryTag)) {
            return; // of another consumer
        }
        next = Math.max(next, last.getValue() + 1);
        if (multiple) {
            unsettled.headMap(deliveryTag, true).clear();
        } else {
            unsettled.remove(deliveryTag);
        }
    }

    /** The consumer is started in this opening of its channel. Returns the offset to start at; -1 if none is known. */
    synchronized long start(long channelEpoch) {
        if (!unsettled.isEmpty()) {
            next = unsettled.firstEntry().getValue();
            unsettled.clear();
        }
        epoch = channelEpoch;
        return next;
    }
}
