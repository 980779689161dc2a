package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.pool.ChannelPool;
import dev.holdfast.pool.ConnectionPool;
import dev.holdfast.pool.Lease;
import dev.holdfast.pool.Pools;
import dev.holdfast.testing.Await;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A close in the callback of a future, on the I/O thread that the close needs, starts the close and returns. */
class CloseOnIoThreadTest {
    private static final PublishOptions TO_Q = PublishOptions.to("", "q");

    private ServingBroker broker;
    private ConnectionOptions options;

    @BeforeEach
    void start() throws Exception {
        broker = ServingBroker.start();
        options = broker.options().closeTimeout(Duration.ofMinutes(10));
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    private static void afterAPublish(Producer producer, Runnable callback) throws Exception {
        CompletableFuture<Confirmation> publish = producer.publishAsync("x", TO_Q);
        publish.thenRun(callback).get(20, TimeUnit.SECONDS);
    }

    private void assertClosesAll() throws Exception {
        Await.until("all connections are closed", () -> broker.openConnections() == 0);
    }

    @Test
    void poolsAreClosed() throws Exception {
        Pools pools = new Pools();
        try (Lease<Producer> lease = pools.producers(options).acquire();
                Lease<Connection> connection = pools.connections(options).acquire()) {
            assertThat(connection.value().producer().publish("x", TO_Q)).isEqualTo(Confirmation.ONE);
            afterAPublish(lease.value(), pools::close);
        }

        assertClosesAll();
    }

    @Test
    void connectionClosesAnother() throws Exception {
        Connection closed = Connection.open(options);
        try (Connection closing = Connection.open(options)) {
            afterAPublish(closing.producer(), closed::close);
        }

        assertClosesAll();
    }

    @Test
    void channelsOfAPoolAreClosed() throws Exception {
        try (Connection connection = Connection.open(options)) {
            ChannelPool pool = new ChannelPool(connection, 2);
            Channel channel = pool.acquire().value();
            afterAPublish(connection.producer(), pool::close);

            assertThat(channel.isClosed()).isTrue();
        }
    }

    @Test
    void acquireThatWouldWaitIsRefused() throws Exception {
        try (ConnectionPool pool = new ConnectionPool(options, 1);
                Lease<Connection> lease = pool.acquire()) {
            Producer producer = lease.value().producer();

            assertThatThrownBy(() -> afterAPublish(producer, () -> pool.acquire(Duration.ofMinutes(10))))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("I/O thread");
        }
    }
}
