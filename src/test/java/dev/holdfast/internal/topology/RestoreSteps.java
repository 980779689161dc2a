package dev.holdfast.internal.topology;

import dev.holdfast.AmqpException;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Records the steps of a restore, and has a clock that stands still until the test advances it. */
final class RestoreSteps implements RestoreRetries.Reporter {
    static final Duration MIN = Duration.ofMillis(100);
    static final Duration MAX = Duration.ofSeconds(2);
    static final Duration LIMIT = Duration.ofMinutes(1);

    private final EmbeddedChannel time = new EmbeddedChannel();
    private final List<String> steps = new ArrayList<>();

    RestoreSteps() {
        time.freezeTime();
    }

    RestoreRetries.Policy policy() {
        return new RestoreRetries.Policy(time.eventLoop(), MIN, MAX, LIMIT, this, this::guarded);
    }

    private Runnable guarded(Runnable attempt) {
        return () -> {
            try {
                attempt.run();
            } catch (RuntimeException | Error e) {
                steps.add("thrown " + e.getMessage());
            }
        };
    }

    /** Runs the attempts that are due within this time. */
    void advance(Duration length) {
        time.advanceTimeBy(length.toNanos(), TimeUnit.NANOSECONDS);
        long unused = time.runScheduledPendingTasks();
    }

    /** The steps since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(steps);
        steps.clear();
        return taken;
    }

    @Override
    public void restoreRetrying(String item, int failures, AmqpException cause, Duration delay) {
        steps.add("retrying " + item);
    }

    @Override
    public void restored(String item) {
        steps.add("restored " + item);
    }

    @Override
    public void restoreGivenUp(String item, AmqpException cause) {
        steps.add("given up " + item);
    }
}
