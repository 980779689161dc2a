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

/** When reading rests, and for how long. */
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
    private final List<Boolean> switched = new ArrayList<>();
    private long atBroker;
    private boolean awaitsMore;
    private final AutoRead reads = new AutoRead();
    private final ReadCoalescer rest =
            new ReadCoalescer(embedded.eventLoop(), reads, log, () -> atBroker, () -> awaitsMore);

    @BeforeEach
    void open() {
        reads.link(switched::add);
        rest.readComplete();
    }

    @AfterEach
    void close() throws InterruptedException {
        publisher.interrupt();
        publisher.join();
        log.close();
        embedded.close();
    }

    @Test
    void restsForASixteenthOfWhatIsOpen() throws Exception {
        publisherWaits();
        pace(100);
        open(32);
        assertRests(200);
        open(48);
        assertRests(300);
    }

    @Test
    void restsForAMillisecondAtTheMost() throws Exception {
        publisherWaits();
        pace(100);
        open(100_000);
        assertRests(1000);
    }

    /** A fast broker, or a small window. */
    @Test
    void aShortRestDoesNotPay() throws Exception {
        publisherWaits();
        pace(100);
        open(19);
        assertThat(switched).isEmpty();
        open(20);
        assertRests(125);
    }

    @Test
    void nobodyRestsWhereNobodyWaitsForRoom() {
        pace(100);
        open(1000);
        assertThat(switched).isEmpty();
    }

    @Test
    void nobodyRestsBeforeTheBrokersPaceIsKnown() throws Exception {
        publisherWaits();
        advance(9_999);
        log.counters().confirmed(1);
        open(1000);
        assertThat(switched).isEmpty();
    }

    /** A broker that had nothing to do is not slow. */
    @Test
    void aTimeWithoutReadsSaysNothingOfThePace() throws Exception {
        publisherWaits();
        pace(100);
        advance(10_000);
        log.counters().confirmed(1);
        open(1000);
        assertThat(switched).isEmpty();
    }

    @Test
    void aPeriodWithoutConfirmsSaysNothingEither() throws Exception {
        publisherWaits();
        pace(100);
        advance(5_000);
        rest.readComplete();
        advance(5_000);
        open(1000);
        assertThat(switched).isEmpty();
    }

    @Test
    void nobodyRestsWhileMoreThanConfirmsIsAwaited() throws Exception {
        publisherWaits();
        pace(100);
        awaitsMore = true;
        open(1000);
        assertThat(switched).isEmpty();
    }

    /** A broker that refuses messages works, too. */
    @Test
    void everyAnswerCounts() throws Exception {
        publisherWaits();
        advance(5_000);
        log.counters().nacked(30);
        log.counters().returned(20);
        open(0);
        advance(5_000);
        log.counters().confirmed(50);
        open(32);
        assertRests(200);
    }

    /** What the transport had read already comes in spite of it. */
    @Test
    void oneRestAtATime() throws Exception {
        publisherWaits();
        pace(100);
        open(32);
        rest.readComplete();
        assertRests(200);
    }

    @Test
    void aRestThatWasEndedEarlierIsTheOnlyOneUntilItsTimeIsOver() throws Exception {
        publisherWaits();
        pace(100);
        open(32);
        reads.resume();
        assertThat(switched).containsExactly(false, true);
        open(32);
        advance(200);
        assertThat(switched).containsExactly(false, true);
        switched.clear();
        open(32);
        assertRests(200);
    }

    /** A period in which the broker takes so long for a message, in two reads that leave nothing open. */
    private void pace(int microsPerMessage) {
        for (int i = 0; i < 2; i++) {
            advance(5_000);
            log.counters().confirmed(5_000 / microsPerMessage);
            open(0);
        }
    }

    /** A read that leaves so many messages open is over. */
    private void open(int messages) {
        atBroker = messages;
        rest.readComplete();
    }

    private void assertRests(int micros) {
        assertThat(switched).containsExactly(false);
        advance(micros - 1);
        assertThat(switched).containsExactly(false);
        advance(1);
        assertThat(switched).containsExactly(false, true);
        switched.clear();
    }

    private void advance(int micros) {
        clock.advance(micros, MICROSECONDS);
        embedded.runScheduledPendingTasks();
    }

    private void publisherWaits() throws Exception {
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
                long unused = log.waitingPublishers().await(TimeUnit.MINUTES.toNanos(1), false);
            }
        } catch (InterruptedException e) {
            // the end of the test
        } finally {
            log.unlock();
        }
    }
}
