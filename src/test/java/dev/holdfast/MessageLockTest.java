package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.BodyDecoder;
import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.SerializerRegistry;
import dev.holdfast.testing.Await;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How a message is settled, without a channel: each test brings its own way to send. */
class MessageLockTest {
    private static final long SECONDS = 10;

    private final Message message = message();

    @Test
    void noMonitorIsHeldWhileAnAckIsSent() throws Exception {
        message.settle("acknowledged", () -> {
            assertThat(Thread.holdsLock(message)).isFalse();
            assertThat(CompletableFuture.supplyAsync(message::acknowledged))
                    .succeedsWithin(SECONDS, TimeUnit.SECONDS)
                    .isEqualTo(false);
        });

        assertThat(message.acknowledged()).isTrue();
    }

    @Test
    void aMessageIsNotSettledWhenSendingThrows() {
        assertThatThrownBy(() -> message.settle("acknowledged", () -> {
                    throw new AmqpTimeoutException("not sent");
                }))
                .isInstanceOf(AmqpTimeoutException.class);
        assertThat(message.acknowledged()).isFalse();

        message.settle("rejected", () -> {});
        assertThat(message.toString()).endsWith(" rejected");
    }

    @Test
    void aSecondThreadWaitsForTheFirstAndSettlesIfItFailed() throws Exception {
        assertThat(sendsOfTwoThreads(true)).isEqualTo(2);
    }

    @Test
    void ofTwoThreadsOneSettles() throws Exception {
        assertThat(sendsOfTwoThreads(false)).isEqualTo(1);
        assertThatThrownBy(() -> message.settle("requeued", () -> {}))
                .isInstanceOf(MessageStateException.class)
                .hasMessageContaining("acknowledged before");
    }

    private int sendsOfTwoThreads(boolean firstFails) throws Exception {
        AtomicInteger sends = new AtomicInteger();
        CountDownLatch firstSends = new CountDownLatch(1);
        CountDownLatch firstMayEnd = new CountDownLatch(1);
        Thread first = new Thread(() -> message.settle("acknowledged", () -> {
            sends.incrementAndGet();
            firstSends.countDown();
            await(firstMayEnd);
            if (firstFails) {
                throw new AmqpTimeoutException("not sent");
            }
        }));
        first.setUncaughtExceptionHandler((thread, error) -> {});
        first.start();
        await(firstSends);
        Thread second = new Thread(() -> message.settle("acknowledged", sends::incrementAndGet));
        second.setUncaughtExceptionHandler((thread, error) -> {});
        second.start();
        Await.until("the second thread waits", () -> second.getState() == Thread.State.WAITING);
        firstMayEnd.countDown();
        first.join();
        second.join();
        return sends.get();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Message message() {
        Delivery delivery = new Delivery("tag", 1, false, "", "jobs", MessageProperties.EMPTY, new byte[0], 1, -1);
        BodyDecoder decoder = new BodyDecoder(SerializerRegistry.standard(), CompressorRegistry.standard());
        return new Message(null, delivery, false, decoder, Accept.safe());
    }
}
