package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.transport.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests when appended bytes are sent: at once, or after a pause with what is appended meanwhile. */
class WriteCoalescerTest {
    private static final int THRESHOLD = 1000;

    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel embedded =
            EmbeddedChannel.builder().ticker(clock).build();
    private final OutboundLog log = new OutboundLog(
            embedded.eventLoop(),
            new UnpooledByteBufAllocator(false),
            new OutboundLog.DrainListener() {
                @Override
                public void drained() {
                    if (publishesDuringDrains > 0) {
                        publishesDuringDrains--;
                        publish(10);
                    }
                }

                @Override
                public void failed(Throwable cause) {
                    throw new AssertionError("drain", cause);
                }
            },
            ConnectionEvents.withoutListener(),
            THRESHOLD);

    private int sent;
    private boolean writable = true;

    /** How many messages are still published from within a drain. */
    private int publishesDuringDrains;

    @BeforeEach
    void open() {
        log.open(new FrameWriter() {
            @Override
            public boolean isWritable() {
                return writable;
            }

            @Override
            public void write(ByteBuf frames) {
                sent += frames.readableBytes();
                frames.release();
            }

            @Override
            public void flush() {}
        });
    }

    @AfterEach
    void close() {
        loseLink();
        log.close();
        embedded.close();
    }

    @Test
    void singleMessagesAreSentAtOnce() {
        for (int i = 1; i <= 10; i++) {
            publish(THRESHOLD - 1);
            embedded.runPendingTasks();
            assertThat(sent).isEqualTo(i * (THRESHOLD - 1));
        }
    }

    @Test
    void aLargeDrainIsFollowedByAPauseOf100Microseconds() {
        drainThreshold();
        publish(10);
        clock.advance(99, TimeUnit.MICROSECONDS);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(THRESHOLD);
        clock.advance(1, TimeUnit.MICROSECONDS);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(THRESHOLD + 10);
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).as("no pause after a small drain").isEqualTo(THRESHOLD + 20);
    }

    @Test
    void fourConsecutiveDrainsAreFollowedByAPause() {
        publishesDuringDrains = 4;
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(40);
        log.received();
        assertThat(sent).isEqualTo(50);
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).as("the next pause").isEqualTo(50);
        log.received();
        log.received();
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).as("no pause after a drain that found nothing").isEqualTo(70);
    }

    /** One timer serves consecutive pauses, and does not shorten the later one. */
    @Test
    void aTimerOfAnEndedPauseDoesNotShortenTheNext() {
        drainThreshold();
        clock.advance(60, TimeUnit.MICROSECONDS);
        publish(THRESHOLD);
        log.received();
        assertThat(sent).isEqualTo(2 * THRESHOLD);
        publish(10);
        clock.advance(99, TimeUnit.MICROSECONDS);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(2 * THRESHOLD);
        clock.advance(1, TimeUnit.MICROSECONDS);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(2 * THRESHOLD + 10);
    }

    @Test
    void aFullSegmentEndsThePause() {
        drainThreshold();
        int room = SegmentLog.SEGMENT_BYTES - THRESHOLD;
        publish(room);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(THRESHOLD);
        publish(1);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(THRESHOLD + room + 1);
    }

    @Test
    void receivedDataEndsThePause() {
        drainThreshold();
        publish(10);
        log.received();
        assertThat(sent).isEqualTo(THRESHOLD + 10);
        drainThreshold();
        log.received();
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).as("sent after the data was received").isEqualTo(2 * THRESHOLD + 20);
    }

    @Test
    void aWaitingCallerEndsThePause() throws Exception {
        drainThreshold();
        publish(10);
        CompletableFuture<Void> drained = log.whenDrained();
        embedded.runPendingTasks();
        assertThat(drained).isCompleted();
        assertThat(sent).isEqualTo(THRESHOLD + 10);
        drainThreshold();
        publish(10);
        log.lock();
        try {
            assertThat(log.awaitWithoutConfirm(0)).isTrue();
        } finally {
            log.unlock();
        }
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(2 * THRESHOLD + 20);
    }

    @Test
    void aControlFrameEndsThePause() {
        drainThreshold();
        publish(10);
        assertThat(log.append(Unpooled.buffer().writeZero(8))).isTrue();
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(THRESHOLD + 18);
    }

    @Test
    void bytesBeyondOneDrainAreSentAtOnce() {
        for (int i = 0; i < 20; i++) {
            publish(SegmentLog.SEGMENT_BYTES);
        }
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(20 * SegmentLog.SEGMENT_BYTES);
    }

    @Test
    void anUnwritableTransportIsNotWrittenToAfterThePause() {
        drainThreshold();
        writable = false;
        publish(10);
        log.received();
        assertThat(sent).isEqualTo(THRESHOLD);
        writable = true;
        log.writable();
        assertThat(sent).isEqualTo(THRESHOLD + 10);
    }

    @Test
    void aNewLinkDoesNotInheritThePause() {
        drainThreshold();
        loseLink();
        open();
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(THRESHOLD + 10);
    }

    private void loseLink() {
        log.lock();
        try {
            log.linkLost();
            log.discardUnsent();
        } finally {
            log.unlock();
        }
    }

    /** Drains as many bytes as the threshold, so that a pause begins. */
    private void drainThreshold() {
        int before = sent;
        publish(THRESHOLD);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(before + THRESHOLD);
    }

    private void publish(int bytes) {
        boolean wake;
        log.lock();
        try {
            var out = log.segments().reserve(bytes).appendBuffer();
            out.position(out.position() + bytes);
            wake = log.appended();
        } finally {
            log.unlock();
        }
        if (wake) {
            log.schedule();
        }
    }
}
