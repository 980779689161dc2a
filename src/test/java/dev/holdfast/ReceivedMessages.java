package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The numbered messages read from a queue: their ids, duplicates, and the order of first deliveries. */
final class ReceivedMessages {
    private final BitSet ids = new BitSet();
    private final List<Integer> firstDeliveries = new ArrayList<>();
    private long duplicates;

    /** Consumes every message that the queue has now, and deletes the queue. */
    static ReceivedMessages read(String uri, String queue) throws Exception {
        ReceivedMessages received = new ReceivedMessages();
        // A node that was killed with a million messages replies only when it has recovered them.
        try (Connection connection =
                Connection.open(ConnectionOptions.parse(uri).rpcTimeout(Duration.ofMinutes(5)))) {
            Channel channel = connection.channel();
            int count = Math.toIntExact(channel.inspect(queue).messageCount());
            CountDownLatch remaining = new CountDownLatch(count);
            channel.consume(queue, ConsumeOptions.defaults().noAck(true), delivery -> {
                received.add(ByteBuffer.wrap(delivery.body()).getInt());
                remaining.countDown();
            });
            assertThat(remaining.await(10, TimeUnit.MINUTES))
                    .as("all " + count + " messages received")
                    .isTrue();
            channel.deleteQueue(queue);
        }
        return received;
    }

    private void add(int id) {
        if (ids.get(id)) {
            duplicates++;
        } else {
            ids.set(id);
            firstDeliveries.add(id);
        }
    }

    BitSet ids() {
        return ids;
    }

    long duplicates() {
        return duplicates;
    }

    /** Ids whose first delivery follows that of a larger id, without the excluded ids. */
    List<Integer> outOfOrder(Set<Integer> excluded) {
        List<Integer> outOfOrder = new ArrayList<>();
        int maxId = -1;
        for (int id : firstDeliveries) {
            if (excluded.contains(id)) {
                continue;
            }
            if (id < maxId) {
                outOfOrder.add(id);
            }
            maxId = Math.max(maxId, id);
        }
        return outOfOrder;
    }
}
