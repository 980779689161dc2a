package dev.holdfast.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The delays before attempts to restore an item, and when it is given up. */
class RestoreScheduleTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private final AmqpException locked = refused(405, "RESOURCE_LOCKED");

    private final RestoreSchedule schedule = new RestoreSchedule(Duration.ofMillis(100), Duration.ofSeconds(2), LIMIT);

    private static AmqpException refused(int code, String text) {
        return AmqpChannelException.closedByBroker(1, code, text, "basic.consume");
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    @Test
    void delaysDoubleUpToTheMaximum() {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            delays.add(millis(schedule.failed(locked, i, 1)));
        }
        assertThat(delays).containsExactly(100L, 200L, 400L, 800L, 1600L, 2000L, 2000L);
        assertThat(millis(schedule.failed(locked, 7, 0))).isEqualTo(1000);
        assertThat(schedule.failures()).isEqualTo(8);
    }

    @Test
    void lastAttemptIsAtTheLimit() {
        long start = Long.MAX_VALUE - 5; // the clock may overflow
        assertThat(schedule.failed(locked, start, 1)).isPositive();
        long almost = start + LIMIT.toNanos() - 7;
        assertThat(schedule.failed(locked, almost, 1)).isEqualTo(7);
        assertThat(schedule.failed(locked, almost + 7, 1)).isEqualTo(RestoreSchedule.GIVE_UP);
    }

    @ParameterizedTest
    @ValueSource(ints = {406, 540, 530, 503})
    void permanentErrorsEndItAtOnce(int code) {
        assertThat(schedule.failed(refused(code, "no"), 0, 1)).isEqualTo(RestoreSchedule.GIVE_UP);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 405, 311, 313})
    void temporaryErrorsAreTriedAgain(int code) {
        assertThat(schedule.failed(refused(code, "not now"), 0, 1)).isPositive();
        assertThat(schedule.failed(new AmqpTimeoutException("no reply"), 1, 1)).isPositive();
    }

    /** The connection that held a queue ends, and with it the queue, which the entity's own retry declares again. */
    @Test
    void timeInWhichAnEntityWasLockedIsNotTimeInWhichItIsMissing() {
        assertThat(schedule.failed(locked, 0, 1)).isPositive();
        assertThat(schedule.failed(
                        refused(404, "NOT_FOUND"), Duration.ofSeconds(45).toNanos(), 1))
                .isPositive();
        assertThat(schedule.failed(
                        refused(404, "NOT_FOUND"), Duration.ofSeconds(56).toNanos(), 1))
                .isEqualTo(RestoreSchedule.GIVE_UP);
    }

    @Test
    void missingEntityIsAwaitedForAShorterTime() {
        AmqpException missing = refused(404, "NOT_FOUND - no queue 'q' in vhost '/'");
        AmqpException down = refused(404, "NOT_FOUND - home node 'n' of durable queue 'q' is down or inaccessible");
        assertThat(schedule.failed(missing, 0, 1)).isPositive();
        long after = RestoreSchedule.MISSING_NANOS;
        assertThat(schedule.failed(missing, after, 1)).isEqualTo(RestoreSchedule.GIVE_UP);
        assertThat(schedule.failed(down, after, 1)).isPositive();
    }
}
