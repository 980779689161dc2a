package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.PublishOptions;
import dev.holdfast.internal.observe.ConnectionEvents;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The clock of attempts stands still while the broker blocks, reads are held, or the channel is paused. */
class AttemptClockTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MockTicker wall = Ticker.newMockTicker();
    private final EmbeddedChannel embedded =
            EmbeddedChannel.builder().ticker(wall).build();
    private final OutboundLog log = new OutboundLog(
            embedded.eventLoop(),
            UnpooledByteBufAllocator.DEFAULT,
            new OutboundLog.DrainListener() {
                @Override
                public void drained() {}

                @Override
                public void failed(Throwable cause) {
                    throw new AssertionError(cause);
                }
            },
            ConnectionEvents.withoutListener());
    private final AttemptClock clock = new AttemptClock(log);

    @AfterEach
    void close() {
        embedded.close();
    }

    private long seconds() {
        return clock.at(wall.nanoTime()) / SECOND;
    }

    private void pass(int seconds) {
        wall.advance(seconds, TimeUnit.SECONDS);
    }

    @Test
    void standsStillForEachReasonAndForOverlappingReasonsOnce() {
        pass(1);
        log.silence().block("alarm");
        pass(10);
        clock.pause("flow");
        pass(10);
        log.silence().block(null);
        pass(10);
        log.silence().holdReads(true);
        clock.pause(null);
        pass(10);
        assertThat(clock.runs()).isFalse();
        assertThat(seconds()).isEqualTo(1);
        log.silence().holdReads(false);
        assertThat(clock.runs()).isTrue();
        pass(2);
        assertThat(seconds()).isEqualTo(3);
    }

    @Test
    void attemptsWithoutAPolicyHaveTheWallClock() {
        PublishOptions once = PublishOptions.to("", "q");
        log.silence().block("alarm");
        pass(5);
        assertThat(clock.at(wall.nanoTime(), once)).isEqualTo(wall.nanoTime());
        assertThat(clock.at(wall.nanoTime(), once.retry())).isEqualTo(0);
    }

    @Test
    void deadlinesAreCheckedSeldomWhileTheClockStandsStill() {
        PublishOptions once = PublishOptions.to("", "q");
        long deadline = SECOND / 1000;
        assertThat(clock.remaining(deadline, wall.nanoTime(), once.retry())).isEqualTo(deadline);
        log.silence().block("alarm");
        assertThat(clock.remaining(deadline, wall.nanoTime(), once.retry())).isEqualTo(SECOND);
        assertThat(clock.remaining(deadline, wall.nanoTime(), once)).isEqualTo(deadline);
        log.silence().block(null);
        clock.pause("flow");
        assertThat(clock.remaining(deadline, wall.nanoTime(), once.retry())).isEqualTo(SECOND);
    }

    @Test
    void silenceIsMeasuredSinceTheLastByteOnTheSameClock() {
        BrokerSilence silence = log.silence();
        pass(1);
        silence.heard();
        pass(2);
        log.silence().block("alarm");
        pass(20);
        log.silence().block(null);
        pass(3);
        assertThat(silence.since(0) / SECOND).isEqualTo(5);
        assertThat(silence.since(silence.now()) / SECOND).isZero();
    }

    @Test
    void lossOfTheLinkEndsTheBlock() {
        log.silence().block("alarm");
        log.lock();
        log.linkLost();
        log.unlock();
        assertThat(clock.runs()).isTrue();
    }
}
