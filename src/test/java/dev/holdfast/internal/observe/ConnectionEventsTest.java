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

/** A broker decides how often it blocks, and so how much is told of it. */
class ConnectionEventsTest {
    private static final int OFTEN = 1000;

    private final LogLines log = new LogLines();
    private final MockTicker clock = Ticker.newMockTicker();
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private Executor executor = Runnable::run;
    private int blocked;
    private int unblocked;
    private Duration blockedFor = Duration.ZERO;
    private final ConnectionEvents watch = new ConnectionEvents(
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
    void aFloodOfBlocksIsLoggedTenTimesAndThenOnceASecond() {
        for (int i = 0; i < OFTEN; i++) {
            watch.blocked("memory");
            watch.unblocked();
        }
        assertLines(10, 10);
        for (int second = 1; second <= 3; second++) {
            clock.advance(1, TimeUnit.SECONDS);
            watch.blocked("memory");
            watch.unblocked();
            watch.blocked("memory");
            watch.unblocked();
            assertLines(10 + second, 10 + second);
        }
        assertThat(blocked).isEqualTo(OFTEN + 6);
        assertThat(unblocked).isEqualTo(OFTEN + 6);
    }

    @Test
    void aReasonThatChangesAllTheTimeIsOneBlock() {
        for (int i = 0; i < OFTEN; i++) {
            watch.blocked("reason " + i);
        }
        watch.unblocked();
        watch.unblocked();
        assertLines(10, 1);
        assertThat(blocked).isEqualTo(OFTEN);
        assertThat(unblocked).isEqualTo(1);
    }

    /** What is blocked now and then is told of every time. */
    @Test
    void aRestEarnsLinesAgain() {
        for (int i = 0; i < OFTEN; i++) {
            watch.blocked("memory");
        }
        clock.advance(1, TimeUnit.HOURS);
        for (int i = 0; i < OFTEN; i++) {
            watch.blocked("memory");
        }
        assertLines(20, 0);
    }

    /** It hears the end of every block that it heard of, and of no other. */
    @Test
    void aListenerThatIsTooSlowMissesWholeBlocks() {
        executor = waiting::add;
        for (int i = 0; i < 3 * OFTEN; i++) {
            watch.blocked("memory");
            watch.unblocked();
        }
        assertThat(log.lines(Level.WARNING).lines().filter(line -> line.contains("listener is too slow")))
                .singleElement()
                .asString()
                .contains("1,024 events wait");
        drain();
        assertThat(blocked).isEqualTo(512);
        assertThat(unblocked).isEqualTo(512);
        watch.blocked("memory");
        drain();
        assertThat(blocked).isEqualTo(513);
        watch.unblocked();
        drain();
        assertThat(unblocked).isEqualTo(513);
    }

    @Test
    void blockedTimeIsMeasuredWithTheInjectedClock() {
        watch.blocked("memory");
        clock.advance(3, TimeUnit.SECONDS);
        assertThat(watch.blockedTime()).isEqualTo(Duration.ofSeconds(3));
        watch.blocked("disk");
        clock.advance(2, TimeUnit.SECONDS);
        watch.unblocked();
        assertThat(blockedFor).isEqualTo(Duration.ofSeconds(5));
        clock.advance(1, TimeUnit.HOURS);
        assertThat(watch.blockedTime()).isEqualTo(Duration.ofSeconds(5));
    }

    private void drain() {
        while (!waiting.isEmpty()) {
            waiting.remove().run();
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
