package dev.holdfast.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.Address;
import dev.holdfast.AmqpException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Transport;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rounds over the addresses of names and lists, with sockets on loopback addresses. */
class ConnectRoundTest {
    /** connection.start with the mechanism PLAIN and without properties. */
    private static final byte[] START = start();

    private final EventLoopGroup group = NettyTransport.of(Transport.NIO).newGroup("connect-round-test");
    private final DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ);
    private final List<AutoCloseable> opened = new ArrayList<>();

    private static byte[] start() {
        ByteBuf frame = Unpooled.buffer();
        LongString mechanism = LongString.of("PLAIN");
        FrameFormat.writeMethod(
                frame, 0, new ConnectionMethods.Start(0, 9, Map.of(), mechanism, LongString.of("en_US")));
        return ByteBufUtil.getBytes(frame);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
        broker.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Options whose time-out ends no test. */
    private ConnectionOptions options(String... hosts) {
        List<Address> addresses = new ArrayList<>();
        for (String host : hosts) {
            addresses.add(new Address(host, broker.port()));
        }
        return ConnectionOptions.parse(broker.uri()).addresses(addresses).connectTimeout(Duration.ofHours(1));
    }

    private Link connect(ConnectionOptions options, ConnectLookups.Resolver resolver) throws Exception {
        return new ConnectRound(
                        group.next(),
                        NettyTransport.of(Transport.NIO),
                        new ConnectLookups(options, resolver),
                        new IgnoringLinkListener())
                .start(options.addresses())
                .get(30, TimeUnit.SECONDS);
    }

    private AmqpException failure(ConnectionOptions options, ConnectLookups.Resolver resolver) {
        return (AmqpException) catchThrowable(() -> connect(options, resolver)).getCause();
    }

    private static InetAddress[] resolve(String... literals) throws UnknownHostException {
        InetAddress[] addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.getByName(literals[i]);
        }
        return addresses;
    }

    private ServerSocket listen(String host, int backlog) throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(host, broker.port()), backlog);
        opened.add(listener);
        return listener;
    }

    /** A listener whose backlog is full: the kernel drops the SYN of further connects. */
    private void dropSyn(String host) throws IOException {
        ServerSocket listener = listen(host, 1);
        for (int i = 0; i < 8; i++) {
            SocketChannel filler = SocketChannel.open();
            filler.configureBlocking(false);
            boolean unused = filler.connect(listener.getLocalSocketAddress());
            opened.add(filler);
        }
    }

    @Test
    void addressThatDropsSynDoesNotUseUpTheTime() throws Exception {
        dropSyn("127.0.0.2");
        for (int i = 0; i < 4; i++) { // whatever the order
            Link link = connect(options("mq"), host -> resolve("127.0.0.2", "127.0.0.1"));
            assertThat(link.address().host()).isEqualTo("mq");
        }
        assertThat(connect(options("127.0.0.2", "127.0.0.1"), host -> resolve())
                        .address()
                        .host())
                .isEqualTo("127.0.0.1");
    }

    @Test
    void serverThatAcceptsAndStaysSilentDoesNotWinAndIsClosed() throws Exception {
        ServerSocket silent = listen("127.0.0.2", 5);
        CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> {
            try (Socket socket = silent.accept()) {
                return socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        Link link = connect(options("127.0.0.2", "127.0.0.1"), host -> resolve());

        assertThat(link.address().host()).isEqualTo("127.0.0.1");
        assertThat(received.get(10, TimeUnit.SECONDS)).containsExactly('A', 'M', 'Q', 'P', 0, 0, 9, 1);
    }

    @Test
    void stuckLookupOfOneNameDoesNotDelayTheOthers() throws Exception {
        CompletableFuture<Thread> interrupted = new CompletableFuture<>();
        Link link = connect(options("stuck", "127.0.0.1"), host -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.complete(Thread.currentThread());
            }
            throw new UnknownHostException(host);
        });

        assertThat(link.address().host()).isEqualTo("127.0.0.1");
        assertThat(interrupted.get(10, TimeUnit.SECONDS).getName()).startsWith("holdfast-lookup-stuck");
    }

    @Test
    void failureNamesEveryAddressWithItsReason() {
        ConnectionOptions unreachable = options("mq", "nowhere", "127.0.0.4");
        int port = broker.port();
        AmqpException failure = failure(unreachable, host -> {
            if (host.equals("nowhere")) {
                throw new UnknownHostException(host);
            }
            return resolve("127.0.0.2", "127.0.0.3");
        });

        assertThat(failure)
                .isInstanceOf(ConnectFailedException.class)
                .matches(AmqpException::recoverable)
                .hasMessageStartingWith("none of 4 addresses can be connected: ")
                .hasMessageContaining("connection refused: mq:" + port + " (127.0.0.2)")
                .hasMessageContaining("connection refused: mq:" + port + " (127.0.0.3)")
                .hasMessageContaining("unknown host: nowhere:" + port)
                .hasMessageContaining("connection refused: 127.0.0.4:" + port);
        assertThat(failure.getSuppressed()).hasSize(3);
    }

    @Test
    void namesAreResolvedInEachRound() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        ConnectLookups.Resolver moved = host -> resolve(lookups.incrementAndGet() == 1 ? "127.0.0.2" : "127.0.0.1");

        assertThat(failure(options("mq"), moved)).hasMessageStartingWith("connection refused: mq:");
        assertThat(connect(options("mq"), moved).address().host()).isEqualTo("mq");
        assertThat(lookups).hasValue(2);
    }

    /** The second one is asked for while the name service has not answered the first. */
    @Test
    void portsOfOneHostShareALookup() throws Exception {
        int dead;
        try (ServerSocket free = new ServerSocket(0)) {
            dead = free.getLocalPort();
        }
        List<Address> addresses = List.of(new Address("mq", dead), new Address("mq", broker.port()));
        AtomicInteger lookups = new AtomicInteger();
        ConnectLookups.Resolver slow = host -> {
            lookups.incrementAndGet();
            TimeUnit.MILLISECONDS.sleep(400); // longer than the race waits before its next target
            return resolve("127.0.0.1");
        };
        assertThat(connect(options("mq").addresses(addresses), slow).address()).isEqualTo(addresses.get(1));
        assertThat(lookups).hasValue(1);
    }

    @Test
    void failingSupplierAndUnknownHostAreReported() {
        assertThat(failure(options("nowhere"), host -> {
                    throw new UnknownHostException(host);
                }))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessage("unknown host: nowhere:" + broker.port() + " (check the host name and DNS)");
        ConnectionOptions broken = options("127.0.0.1").credentials(() -> {
            throw new IllegalStateException("vault is sealed");
        });
        assertThat(failure(broken, host -> resolve()))
                .isInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("supplier failed with java.lang.IllegalStateException");
    }

    /** A broker that closes its only connection in the login. */
    private CompletableFuture<Void> refuseLogin(String host) throws IOException {
        ServerSocket refusing = listen(host, 5);
        return CompletableFuture.runAsync(() -> {
            try (Socket socket = refusing.accept()) {
                byte[] unusedHeader = socket.getInputStream().readNBytes(8);
                socket.getOutputStream().write(START);
                int unusedLogin = socket.getInputStream().read();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void roundGoesOnAfterALoginThatFails() throws Exception {
        CompletableFuture<Void> refused = refuseLogin("127.0.0.2");
        Link link = connect(options("127.0.0.2", "127.0.0.1"), host -> resolve());

        refused.get(10, TimeUnit.SECONDS);
        assertThat(link.address().host()).isEqualTo("127.0.0.1");
    }

    @Test
    void refusedLoginsOfAllAddressesKeepTheirType() throws Exception {
        CompletableFuture<Void> first = refuseLogin("127.0.0.2");
        CompletableFuture<Void> second = refuseLogin("127.0.0.3");
        assertThat(failure(options("127.0.0.2", "127.0.0.3"), host -> resolve()))
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("127.0.0.2:" + broker.port() + " during the login")
                .hasMessageContaining("127.0.0.3:" + broker.port() + " during the login");
        CompletableFuture.allOf(first, second).get(10, TimeUnit.SECONDS);
    }
}
