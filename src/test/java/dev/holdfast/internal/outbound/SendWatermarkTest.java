package dev.holdfast.internal.outbound;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.internal.concurrent.WaitQueue;
import dev.holdfast.testing.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests when a publisher waits for the transport, and for how long. */
class SendWatermarkTest {
    private static final long ONE_MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int HALF = (int) (SendWatermark.HIGH_BYTES / 2);

    private final ReentrantLock lock = new ReentrantLock();
    private final WaitQueue waiters = new WaitQueue(lock.newCondition());
    private final SegmentLog segments = new SegmentLog(new UnpooledByteBufAllocator(false), () -> {});
    private final MockTicker clock = Ticker.newMockTicker();

    @AfterEach
    void close() {
        segments.discardUnsent();
        segments.close();
    }

    @Test
    void doesNotWaitBelowTheHighWatermark() {
        SendWatermark watermark = watermark(ONE_MINUTE);
        publish(HALF - 1);
        publish(HALF - 1);
        assertThat(watermark.mustWait(1)).isFalse();
        publish(SegmentLog.SEGMENT_BYTES);
        assertThat(watermark.mustWait(1)).isTrue();
    }

    @Test
    void doesNotWaitWhileTheCurrentSegmentHasRoom() {
        SendWatermark watermark = watermark(ONE_MINUTE);
        publish(2 * HALF);
        segments.reserve(1000).appendBuffer().put(new byte[1000]);
        assertThat(watermark.mustWait(SegmentLog.SEGMENT_BYTES - 1000)).isFalse();
        assertThat(watermark.mustWait(SegmentLog.SEGMENT_BYTES - 999)).isTrue();
    }

    @Test
    void waitsUntilTheLowWatermarkIsReached() throws Exception {
        SendWatermark watermark = watermark(ONE_MINUTE);
        publish(HALF);
        publish(HALF);
        CompletableFuture<Void> publisher = wait(watermark, ONE_MINUTE);
        transfer(watermark, 1);
        publisher.get(10, TimeUnit.SECONDS);
        assertThat(segments.queuedBytes()).isEqualTo(HALF);
        publish(HALF);
        assertThat(watermark.mustWait(1)).as("the next publish").isTrue();
    }

    @Test
    void keepsWaitingAboveTheLowWatermark() throws Exception {
        SendWatermark watermark = watermark(ONE_MINUTE);
        for (int i = 0; i < 4; i++) {
            publish(HALF / 2);
        }
        CompletableFuture<Void> publisher = wait(watermark, ONE_MINUTE);
        transfer(watermark, 1);
        assertThat(publisher).isNotDone();
        transfer(watermark, 1);
        publisher.get(10, TimeUnit.SECONDS);
    }

    @Test
    void doesNotWaitFor50MillisecondsAfterTheTimeLimitWasMissed() throws Exception {
        SendWatermark watermark = watermark(0);
        publish(2 * HALF);
        await(watermark, ONE_MINUTE);
        assertThat(watermark.mustWait(SegmentLog.SEGMENT_BYTES)).isFalse();
        clock.advance(49, MILLISECONDS);
        assertThat(watermark.mustWait(SegmentLog.SEGMENT_BYTES)).isFalse();
        clock.advance(1, MILLISECONDS);
        assertThat(watermark.mustWait(SegmentLog.SEGMENT_BYTES)).isTrue();
    }

    @Test
    void doesNotWaitForBytesThatALostLinkDiscarded() {
        SendWatermark watermark = watermark(ONE_MINUTE);
        publish(2 * HALF);
        segments.discardUnsent();
        assertThat(watermark.mustWait(SegmentLog.SEGMENT_BYTES)).isFalse();
    }

    /** The backlog is above the low watermark, but the transport drains 256 KiB within the time limit. */
    @Test
    void isNotSuspendedWhenTheTransportDrainsEnough() throws Exception {
        SendWatermark watermark = watermark(ONE_MINUTE);
        for (int i = 0; i < 4; i++) {
            publish(HALF);
        }
        CompletableFuture<Void> publisher = wait(watermark, TimeUnit.SECONDS.toNanos(1));
        transfer(watermark, 1);
        publisher.get(10, TimeUnit.SECONDS);
        assertThat(watermark.mustWait(SegmentLog.SEGMENT_BYTES)).isTrue();
    }

    private SendWatermark watermark(long maxWaitNanos) {
        return new SendWatermark(segments, waiters, clock, maxWaitNanos);
    }

    private void publish(int length) {
        Segment segment = segments.newSegment(length);
        segment.appendBuffer().position(length);
        segments.append(segment);
    }

    private void transfer(SendWatermark watermark, long maxBytes) {
        ArrayDeque<ByteBuf> frames = new ArrayDeque<>();
        lock.lock();
        try {
            segments.transfer(maxBytes, frames);
            watermark.transferred();
        } finally {
            lock.unlock();
        }
        frames.forEach(ByteBuf::release);
    }

    private CompletableFuture<Void> wait(SendWatermark watermark, long nanos) throws Exception {
        CompletableFuture<Void> waited = CompletableFuture.runAsync(() -> {
            try {
                await(watermark, nanos);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Await.until("a waiting publisher", this::anyWaits);
        return waited;
    }

    private void await(SendWatermark watermark, long nanos) throws InterruptedException {
        lock.lock();
        try {
            watermark.await(nanos);
        } finally {
            lock.unlock();
        }
    }

    private boolean anyWaits() {
        lock.lock();
        try {
            return !waiters.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
