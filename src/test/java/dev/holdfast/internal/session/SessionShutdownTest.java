package dev.holdfast.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.Transport;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SessionShutdownTest {
    private static final NettyTransport TRANSPORT = NettyTransport.of(Transport.NIO);

    @Test
    void closesTheLinkWithinWhatIsLeftOfTheTimeout() throws Exception {
        EventLoopGroup group = TRANSPORT.newGroup("shutdown-test");
        EventLoop loop = group.next();
        ManualTimeLoop manual = new ManualTimeLoop(loop);
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ)) {
            Link link = connect(loop, broker);
            SessionShutdown shutdown = new SessionShutdown(manual.loop(), log(loop), () -> {});

            loop.execute(() -> {
                shutdown.begin(
                        Duration.ofSeconds(4), List.of(), false, SessionLifecycle.connectionClosed(), () -> link);
                manual.advance(Duration.ofSeconds(3));
            });
            shutdown.done().get(10, TimeUnit.SECONDS);

            assertThat(manual.delays())
                    .as("end of everything, start of the link's close")
                    .containsExactly(Duration.ofSeconds(4), Duration.ofSeconds(3));
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static Link connect(EventLoop loop, DiscardingBroker broker) throws InterruptedException {
        ConnectionOptions options = ConnectionOptions.parse(broker.uri());
        return new ConnectRound(
                        loop, NettyTransport.of(Transport.NIO), new ConnectLookups(options), new IgnoringLinkListener())
                .start(options.addresses())
                .sync()
                .getNow();
    }

    private static OutboundLog log(EventLoop loop) {
        return new OutboundLog(
                loop,
                UnpooledByteBufAllocator.DEFAULT,
                new OutboundLog.DrainListener() {
                    @Override
                    public void drained() {}

                    @Override
                    public void failed(Throwable cause) {
                        throw new AssertionError("drain", cause);
                    }
                },
                ConnectionEvents.withoutListener());
    }
}
