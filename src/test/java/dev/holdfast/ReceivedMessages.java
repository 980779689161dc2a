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

/** What the queue holds in the end. */
final class ReceivedMessages {
    private final BitSet ids = new BitSet();
    private final List<Integer> first = new ArrayList<>();
    private long duplicates;

    static ReceivedMessages read(String uri, String queue) throws Exception {
        ReceivedMessages arrived = new ReceivedMessages();
        // A node that was killed under a million messages answers when it has recovered them.
        try (Connection connection =
                Connection.open(ConnectionOptions.parse(uri).rpcTimeout(Duration.ofMinutes(5)))) {
            Channel channel = connection.channel();
            int count = Math.toIntExact(channel.inspect(queue).messageCount());
            CountDownLatch all = new CountDownLatch(count);
            channel.consume(queue, ConsumeOptions.defaults().noAck(true), delivery -> {
                arrived.add(ByteBuffer.wrap(delivery.body()).getInt());
                all.countDown();
            });
            assertThat(all.await(10, TimeUnit.MINUTES))
                    .as("all of " + count + " read")
                    .isTrue();
        }
        return arrived;
    }

    private void add(int id) {
        if (ids.get(id)) {
            duplicates++;
        } else {
            ids.set(id);
            first.add(id);
        }
    }

    BitSet ids() {
        return ids;
    }

    long duplicates() {
        return duplicates;
    }

    /** Those whose first delivery came after that of a later one. */
    List<Integer> outOfOrder(Set<Integer> excepted) {
        List<Integer> late = new ArrayList<>();
        int last = -1;
        for (int id : first) {
            if (excepted.contains(id)) {
                continue;
            }
            if (id < last) {
                late.add(id);
            }
            last = Math.max(last, id);
        }
        return late;
    }
}
