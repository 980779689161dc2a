package dev.holdfast.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Address;
import dev.holdfast.AmqpException;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.LimitExceededException;
import dev.holdfast.Producer;
import dev.holdfast.RetryPolicy;
import dev.holdfast.TlsOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pools of lazy connections, which no test connects, and faults of Kombu's pools that they do not have. */
@Timeout(60)
class PoolsTest {
    private static final String NOWHERE = "amqp://app:secret@127.0.0.1:1/orders";

    @Test
    void equalOptionsShareAPool() {
        try (Pools pools = new Pools()) {
            assertThat(pools.connections(NOWHERE)).isSameAs(pools.connections(ConnectionOptions.parse(NOWHERE)));
            assertThat(pools.producers(NOWHERE)).isSameAs(pools.producers(NOWHERE));
            assertThat(pools.connections(NOWHERE).limit()).isEqualTo(10);
        }
    }

    @Test
    void optionsThatDifferInOnePropertyShareNoPool() {
        ConnectionOptions options = ConnectionOptions.parse(NOWHERE);
        try (Pools pools = new Pools()) {
            ConnectionPool pool = pools.connections(options);
            for (ConnectionOptions other : List.of(
                    options.password("other"),
                    options.heartbeat(Duration.ofSeconds(7)),
                    options.tls(true),
                    options.tls(TlsOptions.defaults().verifyHostName(false)),
                    options.addresses(List.of(new Address("127.0.0.1", 1), new Address("127.0.0.1", 2))))) {
                assertThat(pools.connections(other)).isNotSameAs(pool);
            }
            assertThat(pool.toString() + options).doesNotContain("secret");
        }
    }

    @Test
    void concurrentLookupsCreateOnePool() {
        try (Pools pools = new Pools()) {
            assertThat(IntStream.range(0, 100).parallel().mapToObj(i -> pools.producers(NOWHERE)))
                    .containsOnly(pools.producers(NOWHERE));
        }
    }

    @Test
    void acquireDoesNotConnect() {
        try (ConnectionPool pool = new ConnectionPool(ConnectionOptions.parse(NOWHERE), 2)) {
            Connection first;
            try (Lease<Connection> lease = pool.acquire()) {
                first = lease.value();
                assertThat(first.isOpen()).isFalse();
                assertThat(pool.inUse()).isEqualTo(1);
            }
            try (Lease<Connection> lease = pool.acquire()) {
                assertThat(lease.value()).isSameAs(first);
                first.close();
            }
            try (Lease<Connection> lease = pool.acquire()) {
                assertThat(lease.value()).isNotSameAs(first);
            }
        }
    }

    @Test
    void anExceptionOfTheCallerDoesNotCloseAConnection() {
        try (ConnectionPool pool = new ConnectionPool(ConnectionOptions.parse(NOWHERE), 1)) {
            List<Connection> acquired = new ArrayList<>();
            assertThatThrownBy(() -> {
                        try (Lease<Connection> lease = pool.acquire()) {
                            acquired.add(lease.value());
                            throw new UnsupportedOperationException("of the user");
                        }
                    })
                    .hasMessage("of the user");
            assertThat(pool.acquire().value()).isSameAs(acquired.get(0));
        }
    }

    /** Kombu's {@code producers.acquire(block=False)} blocks forever when the connection pool is exhausted. */
    @Test
    void acquireOfAProducerDoesNotWaitForAConnection() {
        try (Pools pools = new Pools(2)) {
            pools.connections(NOWHERE).acquire();
            pools.connections(NOWHERE).acquire();
            ProducerPool producers = pools.producers(NOWHERE);
            producers.acquire(Duration.ZERO);
            producers.acquire(Duration.ZERO);

            assertThatThrownBy(() -> producers.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
        }
    }

    /** In Kombu, a publish with a retry policy changes the key of its pool. */
    @Test
    void aPublishWithARetryPolicyDoesNotChangeThePoolsKey() {
        try (Pools pools = new Pools()) {
            ProducerPool pool = pools.producers(NOWHERE);
            try (Lease<Producer> lease = pool.acquire()) {
                assertThatThrownBy(() -> lease.value()
                                .publish(
                                        "x",
                                        p -> p.routingKey("q")
                                                .retry(RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO)
                                                        .maxRetries(1))))
                        .isInstanceOf(AmqpException.class);
            }
            assertThat(pools.producers(NOWHERE)).isSameAs(pool);
        }
    }

    /** In Kombu, a separate pool group uses the global connections: its third producer waits forever. */
    @Test
    void twoRegistriesShareNoLimit() {
        try (Pools small = new Pools(2);
                Pools large = new Pools(5)) {
            small.producers(NOWHERE).acquire(Duration.ZERO);
            small.producers(NOWHERE).acquire(Duration.ZERO);
            for (int i = 0; i < 5; i++) {
                assertThat(large.producers(NOWHERE).acquire(Duration.ZERO).value())
                        .isNotNull();
            }
        }
    }

    /** Kombu lends five producers after a resize from two to three, and cannot shrink a pool. */
    @Test
    void aResizedProducerPoolLendsExactlyItsLimit() {
        try (Pools pools = new Pools(2)) {
            ProducerPool pool = pools.producers(NOWHERE);
            pool.acquire(Duration.ZERO);
            Lease<Producer> second = pool.acquire(Duration.ZERO);
            pools.resize(3);
            pool.acquire(Duration.ZERO);
            assertThatThrownBy(() -> pool.acquire(Duration.ZERO)).isInstanceOf(LimitExceededException.class);
            pools.resize(2);
            second.close();
            assertThat(pool.available()).isZero();
            assertThat(pools.connections(NOWHERE).limit()).isEqualTo(pools.limit());
        }
    }

    /** The most frequent complaint about Kombu's pools: endless waits. */
    @Test
    void everyAcquireHasATimeout() {
        assertThat(Pool.ACQUIRE_TIMEOUT).isEqualTo(Duration.ofSeconds(10));
        try (ConnectionPool pool = new ConnectionPool(ConnectionOptions.parse(NOWHERE), 1)) {
            pool.acquire();
            assertThatThrownBy(() -> pool.acquire(Duration.ofMillis(1)))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessage("no connection free within PT0.001S (limit: 1, in use: 1)");
        }
    }

    @Test
    void producersUseTheConnectionWithTheFewestLeases() {
        try (ProducerPool pool = new ProducerPool(ConnectionOptions.parse(NOWHERE), 2, 4)) {
            Producer first = pool.acquire().value();
            Lease<Producer> second = pool.acquire();
            assertThat(second.value()).isNotSameAs(first);
            pool.acquire();
            pool.acquire();
            Producer discarded = second.value();
            second.discard();

            assertThat(pool.acquire().value()).isSameAs(discarded);
        }
    }

    @Test
    void consecutiveLeasesUseOneConnection() {
        try (ProducerPool pool = new ProducerPool(ConnectionOptions.parse(NOWHERE), 2, 4)) {
            Lease<Producer> first = pool.acquire();
            Producer producer = first.value();
            first.close();

            assertThat(pool.acquire().value()).isSameAs(producer);
        }
    }

    @Test
    void resetClosesAllPoolsAndALookupCreatesNewOnes() {
        Pools pools = new Pools();
        ConnectionPool old = pools.connections(NOWHERE);
        Connection connection = old.acquire().value();
        ProducerPool producers = pools.producers(NOWHERE);
        pools.reset();

        assertThat(connection.isClosed()).isTrue();
        assertThatThrownBy(old::acquire).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(producers::acquire).hasMessage("acquire on closed pool of producers");
        assertThat(pools.connections(NOWHERE)).isNotSameAs(old);
        pools.close();
    }

    @Test
    void aLookupReplacesAClosedPool() {
        try (Pools pools = new Pools()) {
            pools.connections(NOWHERE).close();
            try (Lease<Connection> lease = pools.connections(NOWHERE).acquire()) {
                assertThat(lease.value().isClosed()).isFalse();
            }
        }
    }
}
