package dev.holdfast.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Transport;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReconnectorTest {
    private static final Duration DELAY = Duration.ofHours(1);

    private final NettyTransport transport = NettyTransport.of(Transport.NIO);
    private final EventLoopGroup group = transport.newGroup("reconnector-test");
    private final ManualTimeLoop manual = new ManualTimeLoop(group.next());
    private final RecordingListener listener = new RecordingListener();
    private final DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ);
    private Reconnector reconnector;

    @BeforeEach
    void connect() throws Exception {
        ConnectionOptions options = ConnectionOptions.parse(broker.uri()).reconnectBackoff(DELAY, DELAY);
        reconnector = new Reconnector(manual.loop(), transport, options);
        start();
        assertThat(listener.nextLink()).isNotNull();
        manual.delays().clear();
    }

    @AfterEach
    void close() {
        broker.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void connectsWithoutDelayAfterAStableLink() throws Exception {
        manual.advance(Duration.ofSeconds(1).plusNanos(1));
        start();

        assertThat(listener.nextLink()).as("second link").isNotNull();
    }

    @Test
    void delaysTheRoundAfterAnUnstableLink() throws Exception {
        manual.advance(Duration.ofSeconds(1));
        start();

        assertThat(manual.delays())
                .singleElement()
                .satisfies(delay -> assertThat(delay).isBetween(DELAY.dividedBy(2), DELAY));
    }

    @Test
    void delayDoublesUpToTheMaximumWithoutOverflow() {
        Duration max = Duration.ofDays(3650);
        Duration min = Duration.ofHours(3);
        assertThat(Reconnector.backoffNanos(min, max, 1)).isEqualTo(min.toNanos());
        assertThat(Reconnector.backoffNanos(min, max, 4))
                .isEqualTo(min.multipliedBy(8).toNanos());
        for (int failures : new int[] {20, 21, 64, 65, Integer.MAX_VALUE}) {
            assertThat(Reconnector.backoffNanos(min, max, failures)).isEqualTo(max.toNanos());
            assertThat(Reconnector.backoffNanos(max, max, failures)).isEqualTo(max.toNanos());
        }
        assertThat(Reconnector.backoffNanos(Duration.ofNanos(1), max, 100)).isEqualTo(max.toNanos());
    }

    private void start() throws Exception {
        manual.loop().submit(() -> reconnector.start(listener)).sync();
    }

    private static final class RecordingListener extends IgnoringLinkListener implements Reconnector.Listener {
        private final BlockingQueue<Link> links = new LinkedBlockingQueue<>();

        Link nextLink() throws InterruptedException {
            return links.poll(10, TimeUnit.SECONDS);
        }

        @Override
        public void linked(Link link) {
            links.add(link);
        }

        @Override
        public boolean isLinkAwaited() {
            return false;
        }

        @Override
        public void roundFailed(AmqpException cause) {}

        @Override
        public void refused(AmqpException cause) {}
    }
}
