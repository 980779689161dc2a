package dev.holdfast.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import dev.holdfast.Producer;
import dev.holdfast.Queue;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.TestBroker;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Pools with real brokers. */
class PoolsIT {
    @BrokerTest
    void manyThreadsPublishOnTwoConnections(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        AtomicInteger logins = new AtomicInteger();
        Credentials credentials = credentials(broker);
        ConnectionOptions countingLogins = broker.options().credentials(() -> {
            logins.incrementAndGet();
            return credentials;
        });
        ExecutorService threads = Executors.newFixedThreadPool(12);
        try (ProducerPool pool = new ProducerPool(countingLogins, 2, 6);
                Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            channel.declare(queue);
            List<CompletableFuture<Void>> publishing = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                publishing.add(CompletableFuture.runAsync(() -> publish(pool, queue), threads));
            }
            for (CompletableFuture<Void> publisher : publishing) {
                publisher.get(60, TimeUnit.SECONDS);
            }
            assertThat(channel.inspect(queue.name()).messageCount()).isEqualTo(12 * 25);
            assertThat(logins).hasValue(2);
            assertThat(pool.inUse()).isZero();
        } finally {
            threads.shutdown();
        }
    }

    private static void publish(ProducerPool pool, Queue queue) {
        for (int i = 0; i < 25; i++) {
            try (Lease<Producer> lease = pool.acquire(Duration.ofSeconds(50))) {
                lease.value().publish("hello", p -> p.routingKey(queue.name()));
            }
        }
    }

    private static Credentials credentials(TestBroker broker) {
        String[] user = URI.create(broker.uri()).getUserInfo().split(":", 2);
        return new Credentials(user[0], user[1]);
    }

    @BrokerTest
    void givesAnOpenChannelAfterTheBrokerClosedOne(TestBroker broker) throws Exception {
        try (Connection connection = broker.connect();
                ChannelPool pool = new ChannelPool(connection, 1)) {
            Channel first;
            try (Lease<Channel> lease = pool.acquire()) {
                first = lease.value();
            }
            try (Lease<Channel> lease = pool.acquire()) {
                assertThat(lease.value()).isSameAs(first);
                assertThatThrownBy(() -> lease.value().consume(broker.unique("absent"), delivery -> {}))
                        .isInstanceOf(AmqpChannelException.class);
            }
            try (Lease<Channel> lease = pool.acquire()) {
                Await.until("a channel, which may be the same one, reopened", lease.value()::isOpen);
            }
        }
    }
}
