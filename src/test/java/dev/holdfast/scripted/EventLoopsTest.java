package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.EventLoops;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Transport;
import dev.holdfast.pool.ConnectionPool;
import dev.holdfast.pool.Lease;
import dev.holdfast.pool.Pools;
import dev.holdfast.testing.Await;
import dev.holdfast.testkit.FaultProxy;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many connections on few threads, and who ends the threads. */
class EventLoopsTest {
    private static final PublishOptions TO_Q = PublishOptions.to("", "q");
    private static final int MANY = 20;

    private final Set<Thread> before = clientThreads();
    private final List<Connection> connections = new ArrayList<>();
    private ServingBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = ServingBroker.start();
    }

    /** Every thread of the library ends with its connections. */
    @AfterEach
    void stop() throws Exception {
        connections.forEach(Connection::close);
        broker.close();
        Await.until("the threads have ended", () -> newThreads().isEmpty());
    }

    private static Set<Thread> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("holdfast"))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private Set<String> newThreads() {
        Set<Thread> now = clientThreads();
        now.removeAll(before);
        return now.stream().filter(Thread::isAlive).map(Thread::getName).collect(Collectors.toSet());
    }

    private Connection open(EventLoops loops) {
        Connection connection = Connection.open(broker.options().eventLoops(loops));
        connections.add(connection);
        return connection;
    }

    private static void assertWorks(Connection connection) {
        assertThat(connection.producer().publish("x", TO_Q)).isEqualTo(Confirmation.ONE);
    }

    private static Thread ioThread(Connection connection) throws Exception {
        Producer producer = connection.producer();
        while (true) { // a future that is done runs its callback here
            Thread thread = producer.publishAsync("x", TO_Q)
                    .thenApply(confirmation -> Thread.currentThread())
                    .get(20, TimeUnit.SECONDS);
            if (thread != Thread.currentThread()) {
                return thread;
            }
        }
    }

    @Test
    void manyConnectionsShareThreads() throws Exception {
        try (EventLoops loops = EventLoops.shared(2)) {
            for (int i = 0; i < MANY; i++) {
                assertWorks(open(loops));
            }
            Await.until(
                    "the lookups have ended",
                    () -> newThreads().equals(Set.of("holdfast-shared-1", "holdfast-shared-2")));

            connections.get(0).close();
            assertThat(newThreads()).hasSize(2);
            connections.subList(1, MANY).forEach(EventLoopsTest::assertWorks);
        }
    }

    @Test
    void closedLoopsRefuseConnectionsAndKeepTheOpenOnes() throws Exception {
        EventLoops loops = EventLoops.shared(1);
        Connection open = open(loops);
        loops.close();
        loops.close();

        assertThat(loops.isClosed()).isTrue();
        assertThatThrownBy(() -> open(loops))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("event loops: closed (expected: open, for a new connection)");
        assertWorks(open);
        assertThat(newThreads()).contains("holdfast-shared-1");
        open.close();
        Await.until("the thread has ended", () -> newThreads().isEmpty());
    }

    @Test
    void theGroupOfTheHostSurvives() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        EventLoops loops = EventLoops.of(group);
        try {
            assertThat(loops.transport()).isEqualTo(Transport.NIO);
            Connection connection = open(loops);
            assertThat(connection.info().transport()).isEqualTo(Transport.NIO);
            assertThat(newThreads()).doesNotContain("holdfast-shared-1");
            assertThat(CompletableFuture.supplyAsync(loops::inEventLoop, group).get(20, TimeUnit.SECONDS))
                    .isTrue();
            // A close there must not wait for itself.
            CompletableFuture.runAsync(connection::close, group).get(20, TimeUnit.SECONDS);
            Await.until("the connection is closed", () -> broker.openConnections() == 0);
            loops.close();
            assertThat(group.isShuttingDown()).isFalse();
            assertThat(group.submit(() -> "runs").get(20, TimeUnit.SECONDS)).isEqualTo("runs");
        } finally {
            assertThat(group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    @Test
    void connectionsEndWithTheGroupOfTheHost() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        EventLoops loops = EventLoops.of(group);
        Connection connection = open(loops);
        CompletableFuture<Confirmation> unsent;
        try (FaultProxy proxy =
                FaultProxy.to(broker.options().addresses().get(0).port())) {
            ConnectionOptions options =
                    ConnectionOptions.parse(proxy.uri(broker.options().asUri())).eventLoops(loops);
            Connection stalled = Connection.open(options);
            connections.add(stalled);
            proxy.stall(FaultProxy.Direction.TO_CLIENT);
            unsent = stalled.producer().publishAsync("x", TO_Q);
            assertThat(group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS))
                    .isTrue();
        }

        assertThatThrownBy(() -> unsent.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(AmqpException.class);
        assertThat(connections).allMatch(Connection::isClosed);
        assertThatThrownBy(() -> connection.producer().publish("x", TO_Q)).isInstanceOf(AmqpException.class);
        assertThatThrownBy(() -> open(loops)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> EventLoops.of(group)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aGroupWithoutTransportIsRefused() {
        EventLoopGroup local = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        assertThatThrownBy(() -> EventLoops.of(local))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("group: io.netty.channel.MultiThreadIoEventLoopGroup"
                        + " (expected: an event loop group of NIO, epoll, kqueue or io_uring)");
        var unused = local.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void theTransportOfTheOptionsMustBeThatOfTheLoops() {
        try (EventLoops loops = EventLoops.shared(1, Transport.NIO)) {
            ConnectionOptions options = broker.options().eventLoops(loops);
            Connection.open(options.transport(Transport.NIO)).close();
            assertThatThrownBy(() -> Connection.lazy(options.transport(Transport.EPOLL)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("transport: EPOLL (expected: NIO, that of the event loops, or AUTO)");
        }
        assertThatThrownBy(() -> EventLoops.shared(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLostConnectionReturnsToItsThread() throws Exception {
        try (EventLoops loops = EventLoops.shared(2)) {
            Connection lost = open(loops);
            Connection neighbour = open(loops);
            Thread thread = ioThread(lost);

            var unused = lost.producer().publishAsync("cut", TO_Q);
            Await.until("the connection is back", () -> broker.connections() == 3 && lost.isOpen());

            assertThat(ioThread(lost)).isSameAs(thread).isNotSameAs(ioThread(neighbour));
        }
    }

    /** On another thread of the group, too: which connections share a thread is left to the loops. */
    @Test
    void blockingCallsAreRefusedOnEveryThreadOfTheLoops() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        try (EventLoops loops = EventLoops.of(group)) {
            Connection connection = open(loops);
            for (EventExecutor loop : group) {
                assertThatThrownBy(() -> loop.submit(() -> connection.producer().publish("x", TO_Q))
                                .get(20, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("I/O thread");
            }
            connection.close();
        } finally {
            var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void poolsShareThreadsThatEndWithThem() throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        try (Pools pools = new Pools(MANY)) {
            List<Lease<Connection>> leases = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                leases.add(pools.connections(broker.options()).acquire());
                assertWorks(leases.get(i).value());
            }
            Lease<Producer> producer = pools.producers(broker.options()).acquire();
            assertThat(producer.value().publish("x", TO_Q)).isEqualTo(Confirmation.ONE);
            Await.until("the lookups have ended", () -> newThreads().size() == cores);
            assertThat(pools.connections(leases.get(0).value().options()))
                    .isSameAs(pools.connections(broker.options()));
        }
        Await.until("the threads have ended", () -> newThreads().isEmpty());

        try (ConnectionPool pool = new ConnectionPool(broker.options(), 1)) {
            assertWorks(pool.acquire().value());
            Await.until("the lookups have ended", () -> newThreads().equals(Set.of("holdfast-shared-1")));
        }
    }

    /** The connection would wait for the thread that waits for it. */
    @Test
    void openIsRefusedOnALoopAndCloseDoesNotWaitThere() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            EventLoops loops = EventLoops.of(group);
            ConnectionOptions options = broker.options().eventLoops(loops);
            CompletableFuture<Connection> opening =
                    CompletableFuture.supplyAsync(() -> Connection.open(options), group);
            assertThatThrownBy(() -> opening.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("open");
            CompletableFuture.runAsync(() -> Connection.lazy(options).close(), group)
                    .get(20, TimeUnit.SECONDS);
            Await.until("no connection is left", () -> loops.toString().contains(" 0 connections"));
        } finally {
            assertThat(group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    /** Four handlers of as many connections can block; each connection has its deliveries in order. */
    @Test
    void aBlockedHandlerStopsItsOwnConnectionOnly() throws Exception {
        int deliveries = 50;
        broker.deliveries(deliveries);
        CountDownLatch blocked = new CountDownLatch(4);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch fifth = new CountDownLatch(deliveries);
        ConcurrentLinkedQueue<Long> tags = new ConcurrentLinkedQueue<>();
        try (EventLoops loops = EventLoops.shared(1)) {
            for (int i = 0; i < 3; i++) {
                consumeBlocked(loops, blocked, goOn);
            }
            Channel channel = open(loops).channel();
            String unused = channel.consume("q", delivery -> {
                tags.add(delivery.deliveryTag());
                fifth.countDown();
            });
            assertThat(fifth.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(List.copyOf(tags)).isSorted();

            consumeBlocked(loops, blocked, goOn);
            assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
            CountDownLatch waiting = new CountDownLatch(1);
            Channel behind = open(loops).channel();
            assertThat(behind.consume("q", delivery -> waiting.countDown())).isNotNull();
            assertThat(waiting.getCount()).isEqualTo(1);
            goOn.countDown();
            assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Two consumers of a connection occupy one thread. */
    private void consumeBlocked(EventLoops loops, CountDownLatch blocked, CountDownLatch goOn) {
        Connection connection = open(loops);
        CountDownLatch first = new CountDownLatch(1);
        for (int i = 0; i < 2; i++) {
            String unused = connection.channel().consume("q", delivery -> {
                if (first.getCount() == 1) {
                    first.countDown();
                    blocked.countDown();
                }
                goOn.await();
            });
        }
    }
}
