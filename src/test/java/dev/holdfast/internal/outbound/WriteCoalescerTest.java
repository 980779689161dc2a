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

/** When what was appended goes out: at once, or with what comes behind it. */
class WriteCoalescerTest {
    private static final int MUCH = 1000;

    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel embedded =
            EmbeddedChannel.builder().ticker(clock).build();
    private final OutboundLog log = new OutboundLog(
            embedded.eventLoop(),
            new UnpooledByteBufAllocator(false),
            new OutboundLog.DrainListener() {
                @Override
                public void drained() {
                    if (more > 0) {
                        more--;
                        publish(10);
                    }
                }

                @Override
                public void failed(Throwable cause) {
                    throw new AssertionError("drain", cause);
                }
            },
            ConnectionEvents.withoutListener(),
            MUCH);

    private int sent;
    private boolean full;

    /** Messages that are published while others go out. */
    private int more;

    @BeforeEach
    void open() {
        log.open(new FrameWriter() {
            @Override
            public boolean isWritable() {
                return !full;
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
    void oneMessageAfterTheOtherLeavesAtOnce() {
        for (int i = 1; i <= 10; i++) {
            publish(MUCH - 1);
            embedded.runPendingTasks();
            assertThat(sent).isEqualTo(i * (MUCH - 1));
        }
    }

    @Test
    void afterALargeTurnTheNextTakesItsTimeAndNoMore() {
        rest();
        publish(10);
        clock.advance(99, TimeUnit.MICROSECONDS);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(MUCH);
        clock.advance(1, TimeUnit.MICROSECONDS);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(MUCH + 10);
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).as("a small turn is followed at once").isEqualTo(MUCH + 20);
    }

    @Test
    void whoPublishesFasterThanTurnsAreMadeIsWaitedForToo() {
        more = 4;
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(40);
        log.received();
        assertThat(sent).isEqualTo(50);
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).as("it goes on").isEqualTo(50);
        log.received();
        log.received();
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).as("nothing was there: at once").isEqualTo(70);
    }

    /** One look at the clock serves the rests of a while, and ends none that is younger. */
    @Test
    void aRestThatWasEndedLeavesTheNextItsTime() {
        rest();
        clock.advance(60, TimeUnit.MICROSECONDS);
        publish(MUCH);
        log.received();
        assertThat(sent).isEqualTo(2 * MUCH);
        publish(10);
        clock.advance(99, TimeUnit.MICROSECONDS);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(2 * MUCH);
        clock.advance(1, TimeUnit.MICROSECONDS);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(2 * MUCH + 10);
    }

    @Test
    void aFullSegmentEndsTheRest() {
        rest();
        int room = SegmentLog.SEGMENT_BYTES - MUCH;
        publish(room);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(MUCH);
        publish(1);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(MUCH + room + 1);
    }

    @Test
    void anAnswerOfTheBrokerEndsTheRest() {
        rest();
        publish(10);
        log.received();
        assertThat(sent).isEqualTo(MUCH + 10);
        rest();
        log.received();
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).as("what is sent in return").isEqualTo(2 * MUCH + 20);
    }

    @Test
    void whoeverWaitsEndsTheRest() throws Exception {
        rest();
        publish(10);
        CompletableFuture<Void> emptied = log.whenDrained();
        embedded.runPendingTasks();
        assertThat(emptied).isCompleted();
        assertThat(sent).isEqualTo(MUCH + 10);
        rest();
        publish(10);
        log.lock();
        try {
            assertThat(log.awaitRetained(0, 0)).isFalse();
        } finally {
            log.unlock();
        }
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(2 * MUCH + 20);
    }

    @Test
    void aCallEndsTheRest() {
        rest();
        publish(10);
        assertThat(log.append(Unpooled.buffer().writeZero(8))).isTrue();
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(MUCH + 18);
    }

    @Test
    void whatOneTurnDoesNotCarryFollowsAtOnce() {
        for (int i = 0; i < 20; i++) {
            publish(SegmentLog.SEGMENT_BYTES);
        }
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(20 * SegmentLog.SEGMENT_BYTES);
    }

    @Test
    void aPeerThatReadsNothingIsWaitedForAsEver() {
        rest();
        full = true;
        publish(10);
        log.received();
        assertThat(sent).isEqualTo(MUCH);
        full = false;
        log.writable();
        assertThat(sent).isEqualTo(MUCH + 10);
    }

    @Test
    void aNewLinkDoesNotRestForTheOldOne() {
        rest();
        loseLink();
        open();
        publish(10);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(MUCH + 10);
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

    /** A turn that carries much, on an idle link. */
    private void rest() {
        int before = sent;
        publish(MUCH);
        embedded.runPendingTasks();
        assertThat(sent).isEqualTo(before + MUCH);
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
