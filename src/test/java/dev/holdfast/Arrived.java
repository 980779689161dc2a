package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What the queue holds in the end. */
final class Arrived {
    final BitSet ids = new BitSet();
    long duplicates;
    private int last = -1;
    int firstOutOfOrder = -1;

    static Arrived read(String uri, String queue) throws Exception {
        Arrived arrived = new Arrived();
        try (Connection connection = Connection.open(uri)) {
            Channel channel = connection.channel();
            int count = Math.toIntExact(channel.inspect(queue).messageCount());
            CountDownLatch all = new CountDownLatch(count);
            channel.consume(queue, ConsumeOptions.defaults().noAck(true), delivery -> {
                arrived.add(ByteBuffer.wrap(delivery.body()).getInt());
                all.countDown();
            });
            assertThat(all.await(120, TimeUnit.SECONDS))
                    .as("all of " + count + " read")
                    .isTrue();
        }
        return arrived;
    }

    private void add(int id) {
        if (ids.get(id)) {
            duplicates++;
            return;
        }
        ids.set(id);
        if (id < last && firstOutOfOrder < 0) {
            firstOutOfOrder = id;
        }
        last = id;
    }
}
