package dev.holdfast.internal.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ConnectionListener;
import dev.holdfast.testing.LogLines;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the limits on reports of blocks, whose number the broker decides, and the measured time of blocks. */
class ConnectionEventsTest {
    private static final int MANY = 1000;

    private final LogLines log = new LogLines();
    private final MockTicker clock = Ticker.newMockTicker();
    private final Queue<Runnable> queued = new ArrayDeque<>();
    private Executor executor = Runnable::run;
    private int blocked;
    private int unblocked;
    private Duration blockedFor = Duration.ZERO;
    private final ConnectionEvents events = new ConnectionEvents(
            new ConnectionListener() {
                @Override
                public void blocked(String reason) {
                    blocked++;
                }

                @Override
                public void unblocked(Duration after) {
                    unblocked++;
                    blockedFor = after;
                }
            },
            task -> executor.execute(task),
            Duration.ofDays(1),
            clock);

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void manyBlocksAreLoggedTenTimesAndThenOnceASecond() {
        for (int i = 0; i < MANY; i++) {
            events.blocked("memory");
            events.unblocked();
        }
        assertLines(10, 10);
        for (int second = 1; second <= 3; second++) {
            clock.advance(1, TimeUnit.SECONDS);
            events.blocked("memory");
            events.unblocked();
            events.blocked("memory");
            events.unblocked();
            assertLines(10 + second, 10 + second);
        }
        assertThat(blocked).isEqualTo(MANY + 6);
        assertThat(unblocked).isEqualTo(MANY + 6);
    }

    @Test
    void aChangedReasonContinuesTheBlock() {
        for (int i = 0; i < MANY; i++) {
            events.blocked("reason " + i);
        }
        events.unblocked();
        events.unblocked();
        assertLines(10, 1);
        assertThat(blocked).isEqualTo(MANY);
        assertThat(unblocked).isEqualTo(1);
    }

    @Test
    void theLogLimitRecoversWithTime() {
        for (int i = 0; i < MANY; i++) {
            events.blocked("memory");
        }
        clock.advance(1, TimeUnit.HOURS);
        for (int i = 0; i < MANY; i++) {
            events.blocked("memory");
        }
        assertLines(20, 0);
    }

    /** The listener is notified of the end of exactly those blocks that it was notified of. */
    @Test
    void aSlowListenerMissesWholeBlocks() {
        executor = queued::add;
        for (int i = 0; i < 3 * MANY; i++) {
            events.blocked("memory");
            events.unblocked();
        }
        assertThat(log.lines(Level.WARNING).lines().filter(line -> line.contains("listener is too slow")))
                .singleElement()
                .asString()
                .contains("1,024 events wait");
        runQueued();
        assertThat(blocked).isEqualTo(512);
        assertThat(unblocked).isEqualTo(512);
        events.blocked("memory");
        runQueued();
        assertThat(blocked).isEqualTo(513);
        events.unblocked();
        runQueued();
        assertThat(unblocked).isEqualTo(513);
    }

    @Test
    void blockedTimeIsMeasuredWithTheInjectedClock() {
        events.blocked("memory");
        clock.advance(3, TimeUnit.SECONDS);
        assertThat(events.blockedTime()).isEqualTo(Duration.ofSeconds(3));
        events.blocked("disk");
        clock.advance(2, TimeUnit.SECONDS);
        events.unblocked();
        assertThat(blockedFor).isEqualTo(Duration.ofSeconds(5));
        clock.advance(1, TimeUnit.HOURS);
        assertThat(events.blockedTime()).isEqualTo(Duration.ofSeconds(5));
    }

    private void runQueued() {
        while (!queued.isEmpty()) {
            queued.remove().run();
        }
    }

    private void assertLines(long warnings, long ends) {
        assertThat(count(Level.WARNING, "WARNING: blocked by the broker")).isEqualTo(warnings);
        assertThat(count(Level.INFO, "INFO: no longer blocked")).isEqualTo(ends);
    }

    private long count(Level lowest, String text) {
        return log.lines(lowest).lines().filter(line -> line.contains(text)).count();
    }
}
