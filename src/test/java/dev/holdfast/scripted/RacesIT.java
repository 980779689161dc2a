package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.NackedException;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.testing.Await;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Eight threads publish through a window of 64 messages, {@code holdfast.races.messages} times in all, during acks,
 * nacks, link losses and timeouts: no race between the outbound log and the window gives a publish a wrong outcome.
 *
 * <p>Each body names the outcome of its message ({@link Fate}). The broker acts on the bodies that it reads and counts
 * the delivery tags itself. If log and window had messages in different orders, a tag would settle another message than
 * the one that the broker has read, and of two neighbours with different fates one would end as the other should have.
 * The test compares each outcome with the body, counts the outcomes, and checks that the broker sees the first
 * deliveries of each thread in order. The small window reuses every slot hundreds of times, keeps publishers waiting,
 * and exposes messages in every state to a link loss.
 */
@Tag("load")
@Timeout(3600)
class RacesIT {
    private static final int THREADS = 8;
    private static final int MESSAGES = Integer.getInteger("holdfast.races.messages", 80_000) / THREADS;
    private static final int MESSAGES_PER_LINK = 5_000;
    private static final Duration CONFIRM_TIMEOUT = Duration.ofMillis(50);

    /** The outcome of a message, derived from its number. */
    private enum Fate {
        ACKED,
        NACKED,
        IGNORED;

        static Fate of(int number) {
            if (number % 10 == 7) {
                return NACKED;
            }
            return number % 500 == 13 ? IGNORED : ACKED;
        }
    }

    private final AtomicIntegerArray completions = new AtomicIntegerArray(THREADS * MESSAGES);
    private final AtomicIntegerArray arrivals = new AtomicIntegerArray(THREADS * MESSAGES);
    private final AtomicInteger outcomes = new AtomicInteger();
    private final AtomicInteger confirmed = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger timedOut = new AtomicInteger();
    private final List<String> errors = new ArrayList<>();

    @Test
    void everyPublishHasTheOneOutcomeThatItsBodyRequests() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start()) {
            Thread peer = new Thread(() -> serve(broker), "races-peer");
            peer.setDaemon(true);
            peer.start();
            ConnectionOptions options = broker.options().maxUnconfirmed(64);
            try (Connection connection = Connection.lazy(options)) {
                Producer producer = connection.producer();
                for (int i = 0; i < THREADS; i++) {
                    int thread = i;
                    new Thread(() -> publish(producer, thread), "races-" + thread).start();
                }
                awaitOutcomes();
                connection.close(Duration.ZERO);
            }
        }
        System.out.printf(
                "RacesIT: %d publishes, %d confirmed, %d lost with a link, %d timed out%n",
                THREADS * MESSAGES, confirmed.get(), lost.get(), timedOut.get());
        assertThat(errors).isEmpty();
        for (int id = 0; id < THREADS * MESSAGES; id++) {
            assertThat(completions.get(id)).as("outcomes of message " + id).isEqualTo(1);
        }
        assertThat(confirmed.get()).isPositive();
        assertThat(lost.get()).isPositive();
        assertThat(timedOut.get()).isPositive();
    }

    /** Waits for all outcomes, with a deadline of half a minute for the next one. */
    private void awaitOutcomes() throws Exception {
        for (int seen = -1; seen < THREADS * MESSAGES; seen = outcomes.get()) {
            int before = seen;
            Await.until("there are more than " + before + " outcomes", () -> outcomes.get() > before);
        }
    }

    private void publish(Producer producer, int thread) {
        PublishOptions once = PublishOptions.to("", "q");
        PublishOptions retrying = once.retry();
        for (int number = 0; number < MESSAGES; number++) {
            int id = thread * MESSAGES + number;
            Fate fate = Fate.of(number);
            PublishOptions options = fate == Fate.IGNORED
                    ? once.confirmTimeout(CONFIRM_TIMEOUT)
                    : fate == Fate.ACKED && number % 2 == 0 ? retrying : once;
            byte[] body = ByteBuffer.allocate(8).putInt(thread).putInt(number).array();
            CompletableFuture<?> unused = producer.publishAsync(body, options).whenComplete((confirmation, error) -> {
                checkOutcome(id, fate, options == retrying, confirmation, error);
                completions.incrementAndGet(id);
                outcomes.incrementAndGet();
            });
        }
    }

    private void checkOutcome(
            int id, Fate fate, boolean retried, @Nullable Confirmation confirmation, @Nullable Throwable error) {
        boolean expected;
        if (confirmation != null) {
            confirmed.incrementAndGet();
            expected = fate == Fate.ACKED && arrivals.get(id) > 0;
        } else if (error instanceof NackedException) {
            expected = fate == Fate.NACKED;
        } else if (error instanceof PublishException failed && !retried) {
            boolean late = failed.getCause() instanceof AmqpTimeoutException;
            (late ? timedOut : lost).incrementAndGet();
            expected =
                    late ? fate == Fate.IGNORED : failed.delivery() == DeliveryStatus.UNKNOWN || arrivals.get(id) == 0;
        } else {
            expected = false;
        }
        if (!expected) {
            report("message " + id + ", to be " + fate + ", arrived " + arrivals.get(id) + " times: " + error);
        }
    }

    private void report(String what) {
        synchronized (errors) {
            errors.add(what);
        }
    }

    private void serve(ScriptedBroker broker) {
        int[] newest = new int[THREADS];
        Arrays.fill(newest, -1);
        try {
            while (true) {
                ScriptedLink link = broker.acceptRestored();
                try {
                    for (long tag = 1; tag % MESSAGES_PER_LINK != 0; tag++) {
                        ScriptedLink.Published message = link.expectPublish();
                        ByteBuffer body = ByteBuffer.wrap(message.body());
                        int thread = body.getInt();
                        int number = body.getInt();
                        boolean first = arrivals.getAndIncrement(thread * MESSAGES + number) == 0;
                        if (first && number < newest[thread]) {
                            report("thread " + thread + ": " + number + " after " + newest[thread]);
                        }
                        newest[thread] = Math.max(newest[thread], number);
                        switch (Fate.of(number)) {
                            case ACKED -> link.ack(message.channel(), tag);
                            case NACKED -> link.nack(message.channel(), tag);
                            case IGNORED -> {}
                        }
                    }
                } catch (UncheckedIOException e) {
                    // The client has closed the connection.
                } finally {
                    link.cut();
                }
            }
        } catch (RuntimeException | AssertionError e) {
            // The test has ended: no further connection arrives.
        }
    }
}
