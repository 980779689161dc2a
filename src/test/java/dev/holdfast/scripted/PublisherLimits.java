package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.LimitExceededException;
import dev.holdfast.Producer;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.transport.FrameWriter;
import dev.holdfast.pool.ConnectionPool;
import dev.holdfast.pool.Lease;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Fills what is kept for publishers and callers. The broker is dead: it neither reads nor answers. */
final class PublisherLimits {
    private static final Duration BRIEF = Duration.ofMillis(200);
    private static final PublishOptions BRIEFLY = PublishOptions.to("", "q").timeout(BRIEF);
    private static final PublishOptions PATIENTLY = PublishOptions.to("", "q");
    private static final int MANY_CALLS = 1 << 16;

    private PublisherLimits() {}

    static void unconfirmedMessages(ScriptedBroker broker) throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmed(10))) {
            Producer producer = client.connection().producer();
            List<CompletableFuture<Confirmation>> open = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                open.add(producer.publishAsync("x", PATIENTLY));
            }
            assertThat(PublishOutcome.failed(producer.publishAsync("x", BRIEFLY), DeliveryStatus.NOT_SENT))
                    .hasMessageContaining("10 messages ");
            assertThat(open).noneMatch(CompletableFuture::isDone);
        }
    }

    static void unconfirmedBytes(ScriptedBroker broker) throws Exception {
        try (Client client = broker.connect(broker.options().maxUnconfirmedBytes(1 << 20))) {
            Producer producer = client.connection().producer();
            List<CompletableFuture<Confirmation>> open = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                open.add(producer.publishAsync(new byte[100_000], PATIENTLY));
            }
            assertThat(PublishOutcome.failed(
                            producer.publishAsync(new byte[100_000], BRIEFLY), DeliveryStatus.NOT_SENT))
                    .hasMessageContaining(" bytes unconfirmed ");
            assertThat(open).noneMatch(CompletableFuture::isDone);
        }
    }

    static void bytesWithoutConfirm(ScriptedBroker broker) throws Exception {
        ConnectionOptions options =
                broker.options().maxUnconfirmedBytes(1 << 20).rpcTimeout(Duration.ofSeconds(1));
        try (Client client = broker.connect(options)) {
            Channel channel = client.channel();
            CompletableFuture<Integer> publishing = CompletableFuture.supplyAsync(() -> {
                int published = 0;
                try {
                    while (published < 100) {
                        channel.publish(new byte[1 << 20], PATIENTLY);
                        published++;
                    }
                } catch (AmqpTimeoutException e) {
                    assertThat(e).hasMessageContaining("maxUnconfirmedBytes");
                }
                return published;
            });
            assertThat(publishing.get(30, TimeUnit.SECONDS))
                    .as("MiB in the log and the sockets")
                    .isLessThan(32);
        }
    }

    /** The transport takes nothing. */
    static void controlFrames(ScriptedBroker broker) {
        EmbeddedChannel transport = new EmbeddedChannel();
        List<Throwable> failures = new ArrayList<>();
        OutboundLog log = new OutboundLog(
                transport.eventLoop(),
                new UnpooledByteBufAllocator(false),
                new OutboundLog.DrainListener() {
                    @Override
                    public void drained() {}

                    @Override
                    public void failed(Throwable cause) {
                        failures.add(cause);
                    }
                },
                ConnectionEvents.withoutListener());
        log.open(new FullTransport());
        int frame = 1 << 15;
        int frames = 0;
        while (log.append(Unpooled.buffer(frame).writeZero(frame))) {
            frames++;
        }
        transport.runPendingTasks();
        assertThat(frames).isEqualTo((64 << 20) / frame);
        assertThat(failures).hasSize(1).first().asString().contains("the broker does not read");
        log.lock();
        try {
            log.linkLost();
            log.discardUnsent();
        } finally {
            log.unlock();
        }
        log.close();
        transport.close();
    }

    private static final class FullTransport implements FrameWriter {
        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void write(ByteBuf frames) {
            throw new AssertionError("written to a full transport");
        }

        @Override
        public void flush() {}
    }

    static void calls(ScriptedBroker broker) throws Exception {
        try (Client client = broker.connect(broker.options().rpcTimeout(Duration.ofMinutes(5)))) {
            Channel channel = client.channel();
            assertLimited(MANY_CALLS + 1, i -> channel.getAsync("q", true));
        }
    }

    static void equalDeclarations(ScriptedBroker broker) throws Exception {
        try (Client client = broker.connect(broker.options().rpcTimeout(Duration.ofMinutes(5)))) {
            Channel channel = client.channel();
            assertLimited(MANY_CALLS + 1, i -> channel.purgeAsync("q"));
        }
    }

    static void secrets(ScriptedBroker broker) throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Connection connection = client.connection();
            assertLimited(16, i -> connection.updateSecretAsync("secret " + i, "rotation"));
        }
    }

    /** Makes this many calls, which wait, and one more, which fails. */
    private static void assertLimited(int limit, IntFunction<CompletableFuture<?>> call) {
        List<CompletableFuture<?>> waiting = new ArrayList<>();
        for (int i = 0; i < limit; i++) {
            waiting.add(call.apply(i));
        }
        assertThatThrownBy(() -> call.apply(limit).get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(LimitExceededException.class);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
    }

    /** The broker does not answer the handshake of the next link, so that no number is assigned. */
    static void channels(ScriptedBroker broker) throws Exception {
        try (Client client = broker.connect(broker.options().channelMax(10))) {
            client.link().cut();
            Await.until("the link is lost", () -> !client.connection().isOpen());
            List<CompletableFuture<Channel>> opening = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                opening.add(client.connection().channelAsync());
            }
            int own = 2;
            Await.until(
                    "most are refused",
                    () -> opening.stream().filter(CompletableFuture::isDone).count() == opening.size() - 10 + own);
            assertThatThrownBy(() -> opening.get(opening.size() - 1).get())
                    .hasCauseInstanceOf(AmqpConnectionException.class)
                    .hasMessageContaining("no channel left (expected: at most 10 open channels");
        }
    }

    static void pooledResources(ScriptedBroker broker) {
        try (ConnectionPool pool = new ConnectionPool(broker.options(), 2);
                Lease<Connection> first = pool.acquire();
                Lease<Connection> second = pool.acquire()) {
            assertThat(first.value()).isNotSameAs(second.value());
            assertThatThrownBy(() -> pool.acquire(BRIEF)).isInstanceOf(LimitExceededException.class);
        }
    }

    static void closedChannels(ScriptedBroker broker) throws Exception {
        ClosedChannelTest.assertClosedChannelsAreGarbage(broker);
    }
}
