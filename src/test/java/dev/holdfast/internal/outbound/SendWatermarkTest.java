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

/** When a publisher waits for the transport, and for how long. */
class SendWatermarkTest {
    private static final long LONG = TimeUnit.MINUTES.toNanos(1);
    private static final int HALF = (int) (SendWatermark.AHEAD / 2);

    private final ReentrantLock lock = new ReentrantLock();
    private final WaitQueue behind = new WaitQueue(lock.newCondition());
    private final SegmentLog segments =
            new SegmentLog(new UnpooledByteBufAllocator(false), new WaitQueue(lock.newCondition()));
    private final MockTicker clock = Ticker.newMockTicker();

    @AfterEach
    void close() {
        segments.discardWaiting();
        segments.close();
    }

    @Test
    void fewBytesAreNoReasonToWait() {
        SendWatermark pace = pace(LONG);
        publish(HALF - 1);
        publish(HALF - 1);
        assertThat(pace.mustWait(1)).isFalse();
        publish(SegmentLog.SEGMENT_BYTES);
        assertThat(pace.mustWait(1)).isTrue();
    }

    @Test
    void aSegmentThatHasRoomIsFilled() {
        SendWatermark pace = pace(LONG);
        publish(2 * HALF);
        segments.reserve(1000).appendBuffer().put(new byte[1000]);
        assertThat(pace.mustWait(SegmentLog.SEGMENT_BYTES - 1000)).isFalse();
        assertThat(pace.mustWait(SegmentLog.SEGMENT_BYTES - 999)).isTrue();
    }

    @Test
    void aPublisherWaitsUntilHalfOfItIsGone() throws Exception {
        SendWatermark pace = pace(LONG);
        publish(HALF);
        publish(HALF);
        CompletableFuture<Void> publisher = wait(pace, LONG);
        handOver(pace, 1);
        publisher.get(10, TimeUnit.SECONDS);
        assertThat(segments.queuedBytes()).isEqualTo(HALF);
        publish(HALF);
        assertThat(pace.mustWait(1)).as("and the next one, too").isTrue();
    }

    @Test
    void lessThanHalfIsNotEnough() throws Exception {
        SendWatermark pace = pace(LONG);
        for (int i = 0; i < 4; i++) {
            publish(HALF / 2);
        }
        CompletableFuture<Void> publisher = wait(pace, LONG);
        handOver(pace, 1);
        assertThat(publisher).isNotDone();
        handOver(pace, 1);
        publisher.get(10, TimeUnit.SECONDS);
    }

    @Test
    void nobodyWaitsForASlowTransportForAWhile() throws Exception {
        SendWatermark pace = pace(0);
        publish(2 * HALF);
        await(pace, LONG);
        assertThat(pace.mustWait(SegmentLog.SEGMENT_BYTES)).isFalse();
        clock.advance(49, MILLISECONDS);
        assertThat(pace.mustWait(SegmentLog.SEGMENT_BYTES)).isFalse();
        clock.advance(1, MILLISECONDS);
        assertThat(pace.mustWait(SegmentLog.SEGMENT_BYTES)).isTrue();
    }

    @Test
    void whatALostLinkDroppedIsWaitedForNoMore() {
        SendWatermark pace = pace(LONG);
        publish(2 * HALF);
        segments.discardWaiting();
        assertThat(pace.mustWait(SegmentLog.SEGMENT_BYTES)).isFalse();
    }

    /** There is much to take, but it does take it: a backlog that grew is worked off while its publishers wait. */
    @Test
    void aTransportThatTookEnoughIsNotSlow() throws Exception {
        SendWatermark pace = pace(LONG);
        for (int i = 0; i < 4; i++) {
            publish(HALF);
        }
        CompletableFuture<Void> publisher = wait(pace, TimeUnit.SECONDS.toNanos(1));
        handOver(pace, 1);
        publisher.get(10, TimeUnit.SECONDS);
        assertThat(pace.mustWait(SegmentLog.SEGMENT_BYTES)).isTrue();
    }

    private SendWatermark pace(long slice) {
        return new SendWatermark(segments, behind, clock, slice);
    }

    private void publish(int length) {
        Segment segment = segments.newSegment(length);
        segment.appendBuffer().position(length);
        segments.append(segment);
    }

    private void handOver(SendWatermark pace, long most) {
        ArrayDeque<ByteBuf> frames = new ArrayDeque<>();
        lock.lock();
        try {
            segments.handOver(most, frames);
            pace.handedOver();
        } finally {
            lock.unlock();
        }
        frames.forEach(ByteBuf::release);
    }

    private CompletableFuture<Void> wait(SendWatermark pace, long nanos) throws Exception {
        CompletableFuture<Void> waited = CompletableFuture.runAsync(() -> {
            try {
                await(pace, nanos);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Await.until("it waits", this::someoneWaits);
        return waited;
    }

    private void await(SendWatermark pace, long nanos) throws InterruptedException {
        lock.lock();
        try {
            pace.await(nanos);
        } finally {
            lock.unlock();
        }
    }

    private boolean someoneWaits() {
        lock.lock();
        try {
            return !behind.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
