package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionInfo;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Delivery;
import dev.holdfast.Exchange;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.RetryPolicy;
import dev.holdfast.Transport;
import dev.holdfast.UnroutableException;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.testing.Await;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Failover between brokers, and the retries of {@code ensureConnection}, {@code ensure} and {@code autoretry}. */
class FailoverTest extends ScriptedTest {
    /** Kombu issue 706: its connect() tries two of three brokers. */
    @Test
    void complaint14OpenTriesEveryBroker() throws Exception {
        Address alive = broker.options().addresses().get(0);
        ConnectionOptions options = broker.options().addresses(List.of(unreachable(), unreachable(), alive));

        try (Client client = broker.connect(options)) {
            assertThat(client.connection().info().port()).isEqualTo(alive.port());
        }
    }

    @Test
    void complaint14FailedRoundReportsEveryBroker() throws Exception {
        List<Address> unreachable = List.of(unreachable(), unreachable(), unreachable());

        assertThatThrownBy(() -> Connection.open(broker.options().addresses(unreachable)))
                .isInstanceOf(ConnectFailedException.class)
                .satisfies(thrown -> {
                    List<String> all = new ArrayList<>(List.of(thrown.toString()));
                    collect(thrown, all);
                    assertThat(String.join(" ", all))
                            .contains(
                                    unreachable.stream().map(Address::toString).toList());
                });
    }

    private static void collect(Throwable thrown, List<String> into) {
        for (Throwable suppressed : thrown.getSuppressed()) {
            into.add(suppressed.toString());
            collect(suppressed, into);
        }
    }

    @Test
    void complaint14ReconnectStartsWithTheNextBroker() throws Exception {
        try (ScriptedBroker second = ScriptedBroker.start()) {
            Address next = second.options().addresses().get(0);
            ConnectionOptions options = broker.options()
                    .addresses(List.of(broker.options().addresses().get(0), next));
            try (Client client = broker.connect(options)) {
                client.link().cut();
                second.acceptRestored();
                Await.until("the next broker", client.connection()::isOpen);

                assertThat(client.connection().info().port()).isEqualTo(next.port());
            }
        }
    }

    @Test
    void ensureConnectionCountsRounds() throws Exception {
        List<Duration> delays = new ArrayList<>();
        ConnectionOptions options = broker.options().addresses(List.of(unreachable(), unreachable()));
        RetryPolicy policy = NO_DELAY.maxRetries(3).onRetry((failure, delay) -> delays.add(delay));

        try (Connection connection = Connection.lazy(options)) {
            assertThatThrownBy(() -> connection.ensureConnection(policy))
                    .isInstanceOfSatisfying(
                            RetriesExhaustedException.class,
                            e -> assertThat(e.attempts()).isEqualTo(4))
                    .hasCauseInstanceOf(ConnectFailedException.class);
        }
        assertThat(delays).hasSize(3);
    }

    @Test
    void lazyConnectionConnectsOnFirstUse() throws Exception {
        try (Connection connection = Connection.lazy(broker.options().closeTimeout(Duration.ofMillis(1)))) {
            assertThat(connection.isOpen()).isFalse();
            CompletableFuture<Connection> used = connection.ensureConnectionAsync(NO_DELAY);
            broker.acceptRestored();

            used.get(10, TimeUnit.SECONDS);
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @Test
    void newLinkEndsTheDelayOfEnsureConnection() throws Exception {
        RetryPolicy slow = RetryPolicy.linear(Duration.ofHours(1), Duration.ZERO, Duration.ofHours(1));
        CompletableFuture<Void> sleeping = new CompletableFuture<>();
        try (Connection connection = Connection.lazy(broker.options().closeTimeout(Duration.ofMillis(1)))) {
            CompletableFuture<Connection> ensured =
                    connection.ensureConnectionAsync(slow.onRetry((failure, delay) -> sleeping.complete(null)));
            broker.acceptRaw().cut();
            sleeping.get(10, TimeUnit.SECONDS);
            broker.acceptRestored();

            assertThat(ensured.get(10, TimeUnit.SECONDS)).isSameAs(connection);
        }
    }

    @Test
    void closeEndsTheDelayOfEnsure() throws Exception {
        RetryPolicy slow = RetryPolicy.linear(Duration.ofHours(1), Duration.ZERO, Duration.ofHours(1));
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        try (Client client = broker.connect(broker.options())) {
            Connection connection = client.connection();
            CompletableFuture<String> ensured = CompletableFuture.supplyAsync(() ->
                    connection.ensure(slow.onRetry((failure, delay) -> caller.complete(Thread.currentThread())), () -> {
                        throw new ConnectFailedException("theirs", null, true);
                    }));
            Thread sleeper = caller.get(10, TimeUnit.SECONDS);
            Await.until("the sleep", () -> sleeper.getState() != Thread.State.RUNNABLE);
            connection.close(Duration.ZERO);

            assertThatThrownBy(() -> ensured.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(AmqpConnectionException.class)
                    .hasMessageContaining("connection is closed");
        }
    }

    @Test
    void autoretryReplacesAClosedChannel() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            List<Integer> used = new ArrayList<>();
            Supplier<Optional<Delivery>> get = client.connection().autoretry(NO_DELAY, channel -> {
                used.add(System.identityHashCode(channel));
                return channel.get("q", true);
            });
            CompletableFuture<Optional<Delivery>> first = CompletableFuture.supplyAsync(get);
            ScriptedLink link = client.link();
            link.openChannel();
            link.expect(BasicMethods.Get.class).reply(new ChannelMethods.Close(405, "RESOURCE_LOCKED", 60, 70));
            link.expect(ChannelMethods.CloseOk.class);
            link.openChannel();
            link.expect(BasicMethods.Get.class).reply(BasicMethods.GetEmpty.INSTANCE);
            assertThat(first.get(10, TimeUnit.SECONDS)).isEmpty();

            CompletableFuture<Optional<Delivery>> second = CompletableFuture.supplyAsync(get);
            link.expect(BasicMethods.Get.class).reply(BasicMethods.GetEmpty.INSTANCE);
            assertThat(second.get(10, TimeUnit.SECONDS)).isEmpty();
            assertThat(used).hasSize(3);
            assertThat(used.get(1)).isNotEqualTo(used.get(0)).isEqualTo(used.get(2));
        }
    }

    @Test
    void publishRetriesErrorsThatItsPolicySelects() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            PublishOptions options = PublishOptions.to(Exchange.direct("x"))
                    .routingKey("k")
                    .mandatory(true)
                    .retry(NO_DELAY.retryOn(UnroutableException.class::isInstance));
            var done = client.connection().producer().publishAsync("hello", options);
            Published message = client.link().expectPublish();
            client.link().returnUnroutable(message);
            client.link().ack(message.channel(), 1);
            Published retried = client.link().expectPublish();
            client.link().ack(retried.channel(), 2);

            assertThat(retried.text()).isEqualTo(message.text());
            assertThat(done.get(10, TimeUnit.SECONDS).attempts()).isEqualTo(2);
        }
    }

    @Test
    void infoDescribesTheConnection() throws Exception {
        try (Client client = broker.connect(broker.options());
                Connection copy = client.connection().copy()) {
            ConnectionInfo info = client.connection().info();

            assertThat(info.connected()).isTrue();
            assertThat(info.transport())
                    .isEqualTo(NettyTransport.of(Transport.AUTO).transport())
                    .isNotEqualTo(Transport.AUTO);
            assertThat(info.hostname()).isEqualTo("127.0.0.1");
            assertThat(info.serverProduct()).isEqualTo("script");
            assertThat(info.serverVersion()).isNull();
            assertThat(info.heartbeat()).isZero();
            assertThat(info.username()).isEqualTo("guest");
            assertThat(copy.options()).isEqualTo(client.connection().options());
            assertThat(copy.info().connected()).isFalse();
            assertThat(copy.info().serverProduct()).isNull();
            assertThat(copy.asUri()).contains("guest:**@");
        }
    }

    /** An address without a listener. */
    private static Address unreachable() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Address("127.0.0.1", socket.getLocalPort());
        }
    }
}
