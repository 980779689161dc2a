package dev.holdfast.internal.channel;

import dev.holdfast.internal.outbound.BrokerSilence;
import dev.holdfast.internal.outbound.OutboundLog;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Drops the link if channel.close is not answered in time: after the RPC timeout, or as soon as nothing at all was
 * received for so long while an answer was owed.
 *
 * <p>Event loop only.
 */
final class CloseOkTimer {
    private final LinkHolder link;
    private final OutboundLog log;
    private final Duration rpcTimeout;
    private long closedAt;
    private long owedSince;
    private @Nullable Future<?> timer;

    CloseOkTimer(LinkHolder link, OutboundLog log, Duration rpcTimeout) {
        this.link = link;
        this.log = log;
        this.rpcTimeout = rpcTimeout;
    }

    /**
     * channel.close is sent.
     *
     * @param since since when the broker owes an answer, by the clock of {@link BrokerSilence}
     */
    void start(long since) {
        closedAt = log.silence().now();
        owedSince = since;
        check();
    }

    private void check() {
        BrokerSilence silence = log.silence();
        long waited = Math.max(silence.now() - closedAt, silence.since(owedSince));
        long left = rpcTimeout.toNanos() - waited;
        if (left > 0) {
            timer = link.loop().schedule(log.guarded(this::check), silence.delay(left), TimeUnit.NANOSECONDS);
        } else {
            link.drop(silence.noReply("no reply to channel.close", rpcTimeout));
        }
    }

    /** The channel or its link is down. Until its time, the timer would retain the channel. */
    void stop() {
        if (timer != null) {
            boolean unused = timer.cancel(false);
            timer = null;
        }
    }
}
