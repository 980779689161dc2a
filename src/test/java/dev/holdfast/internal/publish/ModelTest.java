package dev.holdfast.internal.publish;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs random schedules of user, broker, network and clock events against the publishers of a connection, and checks
 * each publish against the state of the model broker: it must have exactly one outcome, and an allowed one.
 *
 * <p>{@code -Dmodel.schedules=1000000} runs more schedules; {@code -Dmodel.seed=...} runs a failed one again.
 */
class ModelTest {
    private static final Integer REQUESTED_SCHEDULES = Integer.getInteger("model.schedules");
    private static final int SCHEDULES = REQUESTED_SCHEDULES == null ? 25_000 : REQUESTED_SCHEDULES;

    /** Time limit, for a build on a busy machine. Does not apply if a number of schedules was requested. */
    private static final long MAX_NANOS = Duration.ofSeconds(15).toNanos();

    private static final Long SEED = Long.getLong("model.seed");

    @Test
    @Timeout(3600)
    void everyPublishHasOneAllowedOutcome() {
        if (SEED != null) {
            run(SEED);
            return;
        }
        long first = ThreadLocalRandom.current().nextLong(Integer.MAX_VALUE) * 1_000_000;
        long started = System.nanoTime();
        for (long seed = first; seed < first + SCHEDULES; seed++) {
            if (REQUESTED_SCHEDULES == null && System.nanoTime() - started > MAX_NANOS) {
                return;
            }
            run(seed);
        }
    }

    private static void run(long seed) {
        try {
            new ModelSchedule(seed, null).run();
        } catch (Throwable e) {
            throw new AssertionError("-Dmodel.seed=" + seed + "\n" + trace(seed), e);
        }
    }

    /** The events of a schedule up to its failure. */
    private static String trace(long seed) {
        StringBuilder events = new StringBuilder();
        try {
            new ModelSchedule(seed, events).run();
            events.append("the schedule does not fail again\n");
        } catch (Throwable e) {
            events.append(e);
        }
        return events.toString();
    }
}
