package dev.holdfast.internal.publish;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random schedules of everything that can happen to a publisher, each checked against what its broker knows: every publish
 * has one outcome, and an allowed one.
 *
 * <p>{@code -Dmodel.schedules=1000000} runs more; {@code -Dmodel.seed=...} runs the one that failed.
 */
class ModelTest {
    private static final Integer ASKED = Integer.getInteger("model.schedules");
    private static final int SCHEDULES = ASKED == null ? 100_000 : ASKED;

    /** What a build on a busy machine may spend; not looked at where a number was asked for. */
    private static final long MOST_NANOS = Duration.ofSeconds(30).toNanos();

    private static final Long SEED = Long.getLong("model.seed");

    @Test
    @Timeout(3600)
    void everyPublishHasOneAllowedOutcome() {
        if (SEED != null) {
            new ModelSchedule(SEED).run();
            return;
        }
        long first = ThreadLocalRandom.current().nextLong(Integer.MAX_VALUE) * 1_000_000;
        long started = System.nanoTime();
        for (long seed = first; seed < first + SCHEDULES; seed++) {
            if (ASKED == null && System.nanoTime() - started > MOST_NANOS) {
                return;
            }
            try {
                new ModelSchedule(seed).run();
            } catch (Throwable e) {
                throw new AssertionError("-Dmodel.seed=" + seed, e);
            }
        }
    }
}
