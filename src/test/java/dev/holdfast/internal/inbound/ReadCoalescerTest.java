package dev.holdfast.internal.inbound;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.testing.Await;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When reading is paused between reads, and for how long. */
class ReadCoalescerTest {
    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel embedded =
            EmbeddedChannel.builder().ticker(clock).build();
    private final OutboundLog log = new OutboundLog(
            embedded.eventLoop(),
            new UnpooledByteBufAllocator(false),
            new OutboundLog.DrainListener() {
                @Override
                public void drained() {}

                @Override
                public void failed(Throwable cause) {
                    throw new AssertionError("drain", cause);
                }
            },
            ConnectionEvents.withoutListener());
    private final Thread publisher = new Thread(this::waitForRoom, "publisher");
    private final List<Boolean> switches = new ArrayList<>();
    private long unconfirmed;
    private boolean awaitsOtherThanConfirms;
    private final AutoRead autoRead = new AutoRead();
    private final ReadCoalescer coalescer =
            new ReadCoalescer(embedded.eventLoop(), autoRead, log, () -> unconfirmed, () -> awaitsOtherThanConfirms);

    @BeforeEach
    void open() {
        autoRead.linkOpened(switches::add);
        coalescer.readComplete();
    }

    @AfterEach
    void close() throws InterruptedException {
        publisher.interrupt();
        publisher.join();
        log.close();
        embedded.close();
    }

    @Test
    void pauseCoversASixteenthOfTheUnconfirmedMessages() throws Exception {
        awaitWaitingPublisher();
        confirmRate(100);
        readLeaving(32);
        assertPause(200);
        readLeaving(48);
        assertPause(300);
    }

    @Test
    void pauseIsAtMostAMillisecond() throws Exception {
        awaitWaitingPublisher();
        confirmRate(100);
        readLeaving(100_000);
        assertPause(1000);
    }

    /** The broker is fast, or the window is small. */
    @Test
    void pauseUnder125MicrosecondsIsSkipped() throws Exception {
        awaitWaitingPublisher();
        confirmRate(100);
        readLeaving(19);
        assertThat(switches).isEmpty();
        readLeaving(20);
        assertPause(125);
    }

    @Test
    void noPauseUnlessAPublisherWaitsForRoom() {
        confirmRate(100);
        readLeaving(1000);
        assertThat(switches).isEmpty();
    }

    @Test
    void noPauseBeforeTheConfirmRateIsKnown() throws Exception {
        awaitWaitingPublisher();
        advance(9_999);
        log.counters().confirmed(1);
        readLeaving(1000);
        assertThat(switches).isEmpty();
    }

    /** An idle broker is not a slow one. */
    @Test
    void periodWithoutReadsGivesNoConfirmRate() throws Exception {
        awaitWaitingPublisher();
        confirmRate(100);
        advance(10_000);
        log.counters().confirmed(1);
        readLeaving(1000);
        assertThat(switches).isEmpty();
    }

    @Test
    void periodWithoutConfirmsGivesNoConfirmRate() throws Exception {
        awaitWaitingPublisher();
        confirmRate(100);
        advance(5_000);
        coalescer.readComplete();
        advance(5_000);
        readLeaving(1000);
        assertThat(switches).isEmpty();
    }

    @Test
    void noPauseWhileMoreThanConfirmsIsExpected() throws Exception {
        awaitWaitingPublisher();
        confirmRate(100);
        awaitsOtherThanConfirms = true;
        readLeaving(1000);
        assertThat(switches).isEmpty();
    }

    /** A nack or a return is work of the broker, too. */
    @Test
    void nacksAndReturnsCountAsAnswers() throws Exception {
        awaitWaitingPublisher();
        advance(5_000);
        log.counters().nacked(30);
        log.counters().returned(20);
        readLeaving(0);
        advance(5_000);
        log.counters().confirmed(50);
        readLeaving(32);
        assertPause(200);
    }

    /** Bytes that the transport has read before are processed during a pause. */
    @Test
    void readDuringAPauseStartsNoOther() throws Exception {
        awaitWaitingPublisher();
        confirmRate(100);
        readLeaving(32);
        coalescer.readComplete();
        assertPause(200);
    }

    @Test
    void noPauseBeginsBeforeTheTimerOfTheLastHasFired() throws Exception {
        awaitWaitingPublisher();
        confirmRate(100);
        readLeaving(32);
        autoRead.resume();
        assertThat(switches).containsExactly(false, true);
        readLeaving(32);
        advance(200);
        assertThat(switches).containsExactly(false, true);
        switches.clear();
        readLeaving(32);
        assertPause(200);
    }

    /** A period with this time for each confirm, in two reads after which no message is unconfirmed. */
    private void confirmRate(int microsPerMessage) {
        for (int i = 0; i < 2; i++) {
            advance(5_000);
            log.counters().confirmed(5_000 / microsPerMessage);
            readLeaving(0);
        }
    }

    /** A read completes after which this many messages are unconfirmed. */
    private void readLeaving(int messages) {
        unconfirmed = messages;
        coalescer.readComplete();
    }

    private void assertPause(int micros) {
        assertThat(switches).containsExactly(false);
        advance(micros - 1);
        assertThat(switches).containsExactly(false);
        advance(1);
        assertThat(switches).containsExactly(false, true);
        switches.clear();
    }

    private void advance(int micros) {
        clock.advance(micros, MICROSECONDS);
        embedded.runScheduledPendingTasks();
    }

    private void awaitWaitingPublisher() throws Exception {
        publisher.start();
        Await.until("a publisher to wait", () -> {
            log.lock();
            try {
                return !log.waitingPublishers().isEmpty();
            } finally {
                log.unlock();
            }
        });
    }

    private void waitForRoom() {
        log.lock();
        try {
            while (true) {
                long unused = log.waitingPublishers().await(TimeUnit.MINUTES.toNanos(1));
            }
        } catch (InterruptedException e) {
            // the end of the test
        } finally {
            log.unlock();
        }
    }
}
