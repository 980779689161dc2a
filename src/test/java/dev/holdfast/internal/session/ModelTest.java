package dev.holdfast.internal.session;

import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of everything that can happen to a publisher, each checked against what its broker knows: every publish
 * has one outcome, and an allowed one.
 *
 * <p>{@code -Dmodel.schedules=1000000} runs more; {@code -Dmodel.seed=...} runs the one that failed.
 */
class ModelTest {
    private static final int SCHEDULES = Integer.getInteger("model.schedules", 20_000);
    private static final Long SEED = Long.getLong("model.seed");

    @Test
    void everyPublishHasOneAllowedOutcome() {
        if (SEED != null) {
            new ModelSchedule(SEED).run();
            return;
        }
        long first = ThreadLocalRandom.current().nextLong(Integer.MAX_VALUE) * 1_000_000;
        for (long seed = first; seed < first + SCHEDULES; seed++) {
            try {
                new ModelSchedule(seed).run();
            } catch (Throwable e) {
                throw new AssertionError("-Dmodel.seed=" + seed, e);
            }
        }
    }
}
