package dev.holdfast.internal.outbound;

import dev.holdfast.PublishOptions;
import org.jspecify.annotations.Nullable;

/**
 * The clock of the attempts of one publisher. It stands still while the silence of the broker does not count ({@link
 * BrokerSilence}) or the broker pauses the channel (channel.flow). Attempts without a retry policy have the wall clock.
 *
 * <p>Guarded by the log's lock.
 */
public final class AttemptClock {
    private final OutboundLog log;
    private final BrokerSilence silence;
    private final StoppableClock flowing = new StoppableClock();
    private @Nullable String pauseReason;
    private long lastAnswer;

    public AttemptClock(OutboundLog log) {
        this.log = log;
        this.silence = log.silence();
    }

    /** The broker pauses the channel for this reason; null: it resumes it. */
    public void pause(@Nullable String reason) {
        pauseReason = reason;
        flowing.run(reason == null, silence.now());
    }

    /** Why the broker blocks the connection or pauses this channel; null if it does not. */
    public @Nullable String blockedReason() {
        String connection = silence.blockedReason();
        return connection == null ? pauseReason : connection;
    }

    /** Whether the clock runs. */
    public boolean runs() {
        return pauseReason == null && silence.counts();
    }

    /** The time of the clock at this present or recent time of the wall clock. */
    public long at(long now) {
        return flowing.at(silence.at(now));
    }

    /** The time of the clock by which an attempt with these options is limited. */
    public long at(long now, PublishOptions options) {
        return options.retryPolicy().isNone() ? now : at(now);
    }

    /**
     * How long to wait before checking again whether an attempt with these options has reached this deadline; 0 or less
     * if it has.
     */
    public long remaining(long deadline, long now, PublishOptions options) {
        long remaining = deadline - at(now, options);
        return runs() || options.retryPolicy().isNone() ? remaining : Math.max(remaining, BrokerSilence.RECHECK_NANOS);
    }

    /** The channel is open, or the broker has confirmed, nacked or returned a message on it. */
    public void answered() {
        lastAnswer = at(log.now());
    }

    /** Whether the broker has answered on the channel since this time of the clock. */
    public boolean answeredSince(long time) {
        return lastAnswer - time > 0;
    }
}
