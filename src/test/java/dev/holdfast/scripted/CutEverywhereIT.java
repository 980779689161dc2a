package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Delivery;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.TestBroker;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.FaultProxy.Direction;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Repeats one small session from connect to close, and cuts its first connection after each byte, in each direction.
 * With real brokers it cuts after every {@code holdfast.cut.step}-th byte; default 16.
 */
@Tag("load")
@Timeout(3600)
class CutEverywhereIT {
    private static final int STEP = Integer.getInteger("holdfast.cut.step", 16);
    private static final int MESSAGES = 20;
    private static final long PATIENCE_SECONDS = 20;

    @Test
    void sessionSurvivesACutAfterEveryByte() throws Exception {
        try (InMemoryBroker broker = InMemoryBroker.start()) {
            cutEverywhere(
                    broker.uri(),
                    "cut",
                    1,
                    () -> broker.takeMessages().stream()
                            .map(message -> ByteBuffer.wrap(message.body()).getInt())
                            .toList());
        }
    }

    @BrokerTest
    void sessionWithARealBrokerSurvivesCuts(TestBroker broker) throws Exception {
        String queue = broker.unique("cut");
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(Queue.of(queue));
            cutEverywhere(broker.uri(), queue, STEP, () -> drain(channel, queue));
        }
    }

    private static List<Integer> drain(Channel channel, String queue) {
        List<Integer> ids = new ArrayList<>();
        Optional<Delivery> next = channel.get(queue, true);
        while (next.isPresent()) {
            ids.add(ByteBuffer.wrap(next.get().body()).getInt());
            next = channel.get(queue, true);
        }
        return ids;
    }

    private static void cutEverywhere(String uri, String queue, int step, Supplier<List<Integer>> arrived)
            throws Exception {
        try (FaultProxy proxy = FaultProxy.to(URI.create(uri).getPort())) {
            ConnectionOptions options = ConnectionOptions.parse(proxy.uri(uri))
                    .reconnectBackoff(Duration.ofMillis(1), Duration.ofMillis(5))
                    .heartbeat(Duration.ZERO);
            session(options, queue, arrived, "not cut");
            long runs = 0;
            long duplicates = 0;
            Map<Direction, Long> length = new EnumMap<>(Direction.class);
            for (Direction direction : Direction.values()) {
                length.put(direction, proxy.bytes(direction));
            }
            for (Direction direction : Direction.values()) {
                for (long bytes = 0; bytes <= length.get(direction); bytes += step) {
                    proxy.cutAfter(direction, bytes);
                    duplicates += session(options, queue, arrived, "cut after byte " + bytes + " " + direction);
                    runs++;
                }
            }
            System.out.printf(
                    "CutEverywhereIT: %s bytes, %d runs, %d of %d messages arrived twice%n",
                    length, runs, duplicates, runs * MESSAGES);
        }
    }

    /**
     * Publishes even messages with retries, odd ones without. The first half is pipelined, the second half is sent one
     * by one.
     */
    private static long session(ConnectionOptions options, String queue, Supplier<List<Integer>> arrived, String cut)
            throws Exception {
        List<CompletableFuture<?>> publishes = new ArrayList<>();
        try (Connection connection = Connection.lazy(options)) {
            Producer producer = connection.producer();
            PublishOptions once = PublishOptions.to("", queue)
                    .declare(Queue.of(queue))
                    .confirmTimeout(Duration.ofSeconds(PATIENCE_SECONDS));
            PublishOptions retrying = once.retry();
            for (int id = 0; id < MESSAGES; id++) {
                byte[] body = ByteBuffer.allocate(8).putInt(id).array();
                publishes.add(producer.publishAsync(body, id % 2 == 0 ? retrying : once));
                if (id >= MESSAGES / 2) {
                    Throwable unused = outcome(publishes.get(id), cut);
                }
            }
            for (CompletableFuture<?> publish : publishes) {
                Throwable unused = outcome(publish, cut);
            }
        }
        return check(publishes, arrived.get(), cut);
    }

    /** The failure of a publish; null if it was confirmed. */
    private static @Nullable Throwable outcome(CompletableFuture<?> publish, String cut) throws Exception {
        try {
            publish.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError(cut + ": a publish has no outcome", e);
        }
    }

    private static long check(List<CompletableFuture<?>> publishes, List<Integer> ids, String cut) throws Exception {
        BitSet seen = new BitSet();
        BitSet duplicated = new BitSet();
        int last = -1;
        for (int id : ids) {
            if (seen.get(id)) {
                duplicated.set(id);
            } else {
                assertThat(id).as(cut + ": order of first deliveries, " + ids).isGreaterThan(last);
                last = id;
                seen.set(id);
            }
        }
        for (int id = 0; id < MESSAGES; id++) {
            Throwable failure = outcome(publishes.get(id), cut);
            String what = cut + ": message " + id + ", " + failure + ", arrived " + ids;
            if (id % 2 == 0) {
                assertThat(failure).as(what).isNull();
            } else {
                assertThat(duplicated.get(id)).as(what).isFalse();
            }
            if (failure == null) {
                assertThat(seen.get(id)).as(what).isTrue();
            } else {
                assertThat(failure).as(what).isInstanceOf(PublishException.class);
                if (((PublishException) failure).delivery() == PublishException.DeliveryStatus.NOT_SENT) {
                    assertThat(seen.get(id)).as(what).isFalse();
                }
            }
        }
        return duplicated.cardinality();
    }
}
