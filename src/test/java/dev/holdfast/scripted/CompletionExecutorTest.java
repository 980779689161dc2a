package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Exchange;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.RetryPolicy;
import dev.holdfast.SimpleQueue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A blocking call waits for the I/O thread only; the completion executor runs the code behind the user's futures. */
class CompletionExecutorTest {
    private static final PublishOptions TO_Q = PublishOptions.to("", "q");
    private static final long PATIENCE_SECONDS = 20;

    private final ExecutorService executor = Executors.newFixedThreadPool(1);
    private ServingBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = ServingBroker.start();
    }

    @AfterEach
    void stop() throws Exception {
        executor.shutdownNow();
        broker.close();
    }

    private ConnectionOptions options() {
        return broker.options().completionExecutor(executor);
    }

    /** Every blocking call there is. */
    private static void makeBlockingCalls(Connection connection) throws Exception {
        Producer producer = connection.producer(p -> p.exchange(Exchange.direct("e")));
        assertThat(producer.publish("blocking", TO_Q)).isEqualTo(Confirmation.ONE);
        producer.declare();
        assertThat(producer.maybeDeclare(Queue.of("maybe"))).isTrue();
        try (Channel channel = connection.channel()) {
            channel.declare(Exchange.direct("e"));
            Queue queue = channel.declare(Queue.of("q"));
            channel.declare(Queue.of("q1"), Queue.of("q2"));
            assertThat(channel.inspect("q").messageCount()).isZero();
            assertThat(channel.get("q", true)).isEmpty();
            channel.cancel(channel.consume("q", delivery -> {}));
            channel.txSelect();
            channel.txCommit();
            assertThat(queue.name()).isEqualTo("q");
        }
        try (SimpleQueue simple = connection.simpleQueue("simple")) {
            simple.put("simple");
            assertThat(simple.getNow()).isEmpty();
        }
        try (dev.holdfast.Consumer consumer = connection.consumer(Queue.of("consumed"))) {
            consumer.callback((body, message) -> {}).consume().cancel();
        }
        connection.ensureConnection(RetryPolicy.none());
        connection.ensure(
                RetryPolicy.none(), () -> assertThat(connection.isOpen()).isTrue());
    }

    @Test
    void callbackMakesBlockingCallsOnTheOnlyThreadOfTheExecutor() throws Exception {
        try (Connection connection = Connection.open(options())) {
            CompletableFuture<Void> called = connection
                    .producer()
                    .publishAsync("first", TO_Q)
                    .thenAccept(confirmation -> uncheckedBlockingCalls(connection));
            Confirmation other = CompletableFuture.supplyAsync(
                            () -> connection.producer().publish("neighbour", TO_Q))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);

            assertThat(other).isEqualTo(Confirmation.ONE);
            called.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void callbackOfEveryAsyncCallMakesABlockingCall() throws Exception {
        try (Connection connection = Connection.open(options())) {
            Channel channel = connection.channel();
            Channel tx = connection.channel();
            Stream<CompletableFuture<?>> calls = Stream.of(
                    channel.declareAsync(Exchange.direct("e")),
                    channel.declareAsync(Queue.of("q")),
                    channel.declareAsync(List.of(Queue.of("q"))),
                    channel.inspectAsync("q"),
                    channel.getAsync("q", false),
                    channel.consumeAsync("q", ConsumeOptions.defaults(), delivery -> {}),
                    tx.txSelectAsync(),
                    tx.txCommitAsync(),
                    connection.channelAsync(),
                    connection.ensureConnectionAsync(RetryPolicy.none()),
                    connection.producer().maybeDeclareAsync(Queue.of("maybe")));
            List<CompletableFuture<Confirmation>> publishes = calls.map(
                            call -> call.thenApply(done -> connection.producer().publish("from a callback", TO_Q)))
                    .toList();

            for (CompletableFuture<Confirmation> publish : publishes) {
                assertThat(publish.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(Confirmation.ONE);
            }
        }
    }

    @Test
    void closeInACallbackReturns() throws Exception {
        Connection connection = Connection.open(options());
        CompletableFuture<Void> closed = connection
                .producer()
                .publishAsync("first", TO_Q)
                .thenRun(() -> connection.close(Duration.ofSeconds(5)));

        closed.get(4, TimeUnit.SECONDS);
    }

    @Test
    void futuresOfTheUserCompleteOnTheExecutor() throws Exception {
        try (Connection connection = Connection.open(options())) {
            AtomicReference<Thread> expected = new AtomicReference<>();
            executor.submit(() -> expected.set(Thread.currentThread())).get();
            CountDownLatch registered = new CountDownLatch(1);
            executor.execute(() -> await(registered));
            Channel channel = connection.channel();
            List<CompletableFuture<Thread>> threads = Stream.of(
                            connection.producer().publishAsync("a", TO_Q),
                            connection.producer().maybeDeclareAsync(Queue.of("maybe")),
                            channel.declareAsync(Queue.of("q")),
                            channel.recoverAsync(true).exceptionally(error -> null),
                            connection.channelAsync(),
                            connection.updateSecretAsync("s", "r").exceptionally(error -> null))
                    .map(future -> future.thenApply(done -> Thread.currentThread()))
                    .toList();
            registered.countDown();

            for (CompletableFuture<Thread> thread : threads) {
                assertThat(thread.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isSameAs(expected.get());
            }
        }
    }

    @Test
    void handlersPublishAndWaitOnThePoolThatIsAlsoTheCompletionExecutor() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        broker.deliveries(50);
        AtomicInteger handled = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(200);
        ConnectionOptions options = options().completionExecutor(pool).deliveryExecutor(pool);
        try (Connection connection = Connection.open(options)) {
            Producer producer = connection.producer();
            for (int i = 0; i < 4; i++) {
                connection.channel().consume("q", delivery -> {
                    producer.publish("from a handler " + handled.incrementAndGet(), TO_Q);
                    all.countDown();
                });
            }

            assertThat(all.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as(handled + " of 200")
                    .isTrue();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void callsWorkAfterTheExecutorWasShutDown() throws Exception {
        try (Connection connection = Connection.open(options())) {
            executor.shutdown();
            makeBlockingCalls(connection);

            Channel channel = connection.channel();
            assertThat(connection.producer().publishAsync("a", TO_Q).get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo(Confirmation.ONE);
            assertThat(channel.declareAsync(Queue.of("q"))
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .name())
                    .isEqualTo("q");
            assertThat(channel.getAsync("q", true).get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isEmpty();
        }
    }

    /** An executor that cannot start a thread throws an Error, sometimes after it has accepted the task. */
    @Test
    void errorOfTheExecutorLosesNoOutcome() throws Exception {
        ConcurrentLinkedQueue<Runnable> accepted = new ConcurrentLinkedQueue<>();
        ConnectionOptions options = options().completionExecutor(task -> {
            accepted.add(task);
            throw new OutOfMemoryError("unable to create native thread");
        });
        AtomicInteger retries = new AtomicInteger();
        try (Connection connection = Connection.open(options)) {
            Producer producer = connection.producer();
            RetryPolicy once = RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO)
                    .maxRetries(1)
                    .onRetry((cause, delay) -> retries.incrementAndGet());
            assertThat(producer.publishAsync("a", TO_Q).get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo(Confirmation.ONE);
            assertThatThrownBy(() ->
                            producer.publishAsync("nack", TO_Q.retry(once)).join())
                    .isInstanceOf(CompletionException.class);
            connection.channel().declareAsync(Queue.of("q")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        accepted.forEach(Runnable::run);

        assertThat(retries).hasValue(1);
    }

    private static void uncheckedBlockingCalls(Connection connection) {
        try {
            makeBlockingCalls(connection);
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
