package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedBroker.NumberedChannel;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.DirectMemory;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory stays bounded when a peer floods the client with frames or declares large sizes. */
@Tag("load")
class FloodIT {
    private static final int FLOOD_BYTES = 64 << 20;
    private static final int CHUNK = 64 << 10;
    /** More than one connection needs by default for a read, its queued replies and the chunks of the pools. */
    private static final long BOUND = 24 << 20;

    /** How many bytes of replies a peer may leave unread before the client closes the connection. */
    private static final long UNREAD_ANSWERS = 64 << 20;

    /** Kinds of small frames of which a peer may send any number. */
    private enum Flood {
        HEARTBEATS,
        OLD_ACKS,
        ACKS_OF_ALL,
        OLD_NACKS,
        STRAY_DELIVERIES,
        STRAY_RETURNS,
        EMPTY_BODIES,
        STRAY_CANCELS;

        byte[] frames(int channel) {
            return switch (this) {
                case HEARTBEATS -> FrameBytes.frame(FrameFormat.HEARTBEAT, 0, new byte[0]);
                case OLD_ACKS -> FrameBytes.method(channel, new BasicMethods.Ack(1, false));
                case ACKS_OF_ALL -> FrameBytes.method(channel, new BasicMethods.Ack(0, true));
                case OLD_NACKS -> FrameBytes.method(channel, new BasicMethods.Nack(1, true, false));
                case STRAY_DELIVERIES -> FrameBytes.concat(incompleteDelivery(channel), FrameBytes.body(channel, 1));
                case STRAY_RETURNS ->
                    FrameBytes.concat(
                            FrameBytes.method(channel, new BasicMethods.Return(312, "NO_ROUTE", "", "q")),
                            FrameBytes.header(channel, 0, MessageProperties.EMPTY));
                case EMPTY_BODIES -> FrameBytes.body(channel, 0);
                case STRAY_CANCELS -> FrameBytes.method(channel, new BasicMethods.Cancel("unknown", true));
            };
        }
    }

    /** A delivery without a consumer, whose body of one byte is still missing. */
    private static byte[] incompleteDelivery(int channel) {
        return FrameBytes.concat(
                FrameBytes.method(channel, new BasicMethods.Deliver("unknown", 1, false, "", "q")),
                FrameBytes.header(channel, 1, MessageProperties.EMPTY));
    }

    private static byte[] chunk(byte[] frames) {
        byte[][] many = new byte[Math.max(1, CHUNK / frames.length)][];
        Arrays.fill(many, frames);
        return FrameBytes.concat(many);
    }

    @ParameterizedTest
    @EnumSource
    void floodOfSmallFramesTakesBoundedMemory(Flood flood) throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            client.assertPublishes(link, 1);
            int channel = client.publishChannel();
            if (flood == Flood.EMPTY_BODIES) {
                link.sendRaw(incompleteDelivery(channel));
            }
            byte[] chunk = chunk(flood.frames(channel));
            long before = DirectMemory.used();
            for (int sent = 0; sent < FLOOD_BYTES; sent += chunk.length) {
                link.sendRaw(chunk);
            }
            if (flood == Flood.EMPTY_BODIES) {
                link.sendRaw(FrameBytes.body(channel, 1));
            }
            client.assertPublishes(link, 2);
            assertThat(DirectMemory.used() - before).isLessThan(BOUND);
        }
    }

    /**
     * Each frame needs a reply that the peer does not read. The connection is closed at the limit of queued replies.
     */
    @Test
    void unreadRepliesAreBounded() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            byte[] chunk = chunk(FrameBytes.method(client.publishChannel(), new ChannelMethods.Flow(true)));
            long before = DirectMemory.used();
            long peak = 0;
            boolean closed = false;
            for (long sent = 0; sent < 4L * FLOOD_BYTES && !closed; sent += chunk.length) {
                closed = !trySend(link, chunk);
                peak = Math.max(peak, DirectMemory.used() - before);
            }
            assertThat(closed).as("the client closed the connection").isTrue();
            assertThat(peak).isLessThan(UNREAD_ANSWERS + BOUND);
            ScriptedLink next = broker.acceptRestored();
            client.assertPublishes(next, 1);
        }
    }

    private static boolean trySend(ScriptedLink link, byte[] bytes) {
        try {
            link.sendRaw(bytes);
            return true;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** Declared lengths of frames, strings, tables and bodies that do not arrive. */
    @Test
    void declaredLengthsAllocateNoMemory() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (ScriptedBroker broker = ScriptedBroker.start();
                    Client client = broker.connect(broker.options())) {
                long before = DirectMemory.used();
                long heap = allocated("holdfast");
                int channel = client.publishChannel();
                client.link()
                        .sendRaw(FrameBytes.concat(
                                FrameBytes.method(channel, new BasicMethods.Deliver("unknown", 1, false, "", "q")),
                                FrameBytes.header(channel, 128 << 20, MessageProperties.EMPTY),
                                FrameBytes.body(channel, 1),
                                FrameBytes.method(0, new ConnectionMethods.Secure(LongString.of("out of place")))));
                client.link().expectConnectionClose();
                assertThat(allocated("holdfast") - heap).as("heap").isLessThan(4 << 20);
                assertThat(DirectMemory.used() - before).as("direct").isLessThan(BOUND);
            }
        }
    }

    private static long allocated(String threads) {
        ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(threads))
                .mapToLong(thread -> bean.getThreadAllocatedBytes(thread.getId()))
                .max()
                .orElse(0);
    }

    /** A channel that the broker closes each time it opens does not make the session loop: the link is replaced. */
    @Test
    void channelThatCannotReopenClosesTheConnection() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                Client client =
                        broker.connect(broker.options().reconnectBackoff(Duration.ofMillis(1), Duration.ofMillis(5)))) {
            ScriptedLink link = client.link();
            ChannelMethods.Close close = new ChannelMethods.Close(541, "closed by the test", 0, 0);
            link.closeChannel(client.publishChannel(), close);
            link.expect(ChannelMethods.Open.class).reply(close);
            link.expectEnd();
            ScriptedLink next = broker.acceptRestored();
            client.assertPublishes(next, 1);
            Await.until("the connection is open", () -> client.connection().isOpen());
        }
    }

    @Test
    void repeatedChannelCloseIsAnsweredOnce() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                Client client = broker.connect(broker.options())) {
            NumberedChannel opened = client.openChannel();
            CompletableFuture<Void> closing = opened.channel().closeAsync();
            client.link().expect(ChannelMethods.Close.class);
            ChannelMethods.Close close = new ChannelMethods.Close(200, "", 0, 0);
            client.link().sendTogether(opened.number(), close, close);
            assertThat(client.link().expectConnectionClose().replyCode()).isEqualTo(503);
            closing.get(10, TimeUnit.SECONDS);
        }
    }
}
