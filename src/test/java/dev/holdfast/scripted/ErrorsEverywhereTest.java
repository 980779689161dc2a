package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpException;
import dev.holdfast.Binding;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.Exchange;
import dev.holdfast.InjectedConnection;
import dev.holdfast.NackedException;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.RetryPolicy;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.LogLines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Throws an Error in the first allocation or foreign call of a scenario, then in the second of another run, and so on
 * until a run has no call to throw in. After each: every future has ended as the broker settled its message, and the
 * connection publishes with the right delivery tags, on the same link or on a new one.
 */
class ErrorsEverywhereTest {
    private static final PublishOptions TO_Q = PublishOptions.to("", "q");
    private static final long PATIENCE_SECONDS = 10;

    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private ServingBroker broker;

    /** Does not print the warnings, of which each Error causes some. */
    private final LogLines log = new LogLines();

    @BeforeEach
    void start() throws Exception {
        broker = ServingBroker.start();
        broker.deliveries(3);
    }

    @AfterEach
    void stop() throws Exception {
        log.close();
        pool.shutdownNow();
        broker.close();
    }

    private interface Steps {
        void run(Run run) throws Exception;
    }

    enum Scenario {
        CONNECT(Run::publishOfEachKind),
        PUBLISH(Run::publishOfEachKind),
        PUBLISH_WITH_EXECUTOR(Run::publishOfEachKind),
        LARGE(Run::largePublishes),
        NACK_AND_RETRY(Run::nackedPublishes),
        LINK_LOSS(Run::linkLoss),
        /** Arms itself. */
        RESTORE(Run::restore),
        /** Arms itself. */
        REOPEN(Run::reopen),
        /** Arms itself. */
        CLOSE(Run::close);

        @SuppressWarnings("ImmutableEnumChecker") // each is a method reference
        private final Steps steps;

        Scenario(Steps steps) {
            this.steps = steps;
        }

        /** The set-up of users' channels comes after that of the session's own. */
        int maxOfAKind() {
            return this == RESTORE || this == REOPEN ? 40 : 5;
        }

        boolean armsItself() {
            return this == RESTORE || this == REOPEN || this == CLOSE;
        }
    }

    @ParameterizedTest
    @EnumSource
    void anErrorLeavesNoFutureOpenAndNoTagWrong(Scenario scenario) throws Exception {
        int nth = 0;
        String thrownAt = "";
        while (thrownAt != null) {
            nth++;
            ErrorInjector errors = new ErrorInjector(scenario.maxOfAKind());
            Run run = new Run(scenario, nth, errors);
            try {
                run.run();
            } catch (Exception | Error e) {
                throw new AssertionError(scenario + ", call " + nth + ", Error in " + errors.thrownAt(), e);
            } finally {
                run.connection.close(Duration.ZERO);
            }
            thrownAt = errors.thrownAt();
        }

        assertThat(nth).as("calls in which an Error was thrown").isGreaterThan(5);
    }

    /** One scenario with one Error. */
    private final class Run {
        private final Scenario scenario;
        private final int nth;
        private final ErrorInjector errors;
        private final Connection connection;
        private final Producer producer;
        private final Map<String, CompletableFuture<Confirmation>> publishes = new LinkedHashMap<>();
        private final List<CompletableFuture<?>> calls = new ArrayList<>();
        private final Map<String, Channel> channels = new LinkedHashMap<>();
        private final AtomicInteger concurrentDeliveries = new AtomicInteger();

        Run(Scenario scenario, int nth, ErrorInjector errors) {
            this.scenario = scenario;
            this.nth = nth;
            this.errors = errors;
            ConnectionOptions options = errors.addTo(broker.options())
                    .rpcTimeout(Duration.ofSeconds(1))
                    .confirmTimeout(Duration.ofSeconds(1))
                    .deliveryExecutor(errors.executor("the delivery executor", pool));
            if (scenario == Scenario.PUBLISH_WITH_EXECUTOR) {
                options = options.completionExecutor(errors.executor("the completion executor", pool));
            }
            connection = InjectedConnection.lazy(options, errors.allocator());
            producer = connection.producer();
        }

        void run() throws Exception {
            if (scenario != Scenario.CONNECT) {
                Connection unused = connection.ensureConnection(RetryPolicy.none());
            }
            if (!scenario.armsItself()) {
                errors.arm(nth);
            }
            scenario.steps.run(this);
            for (Map.Entry<String, CompletableFuture<Confirmation>> publish : publishes.entrySet()) {
                assertSettledAsByTheBroker(publish.getKey(), publish.getValue());
            }
            for (CompletableFuture<?> call : calls) {
                assertEnds("a call", call);
            }
            errors.disarm();
            assertThat(concurrentDeliveries).hasValue(0);
            if (!connection.isClosed()) {
                assertTagsAreRight();
                assertConsumersAreStarted();
            }
        }

        /** A channel may be closed because of the Error. An open one consumes. */
        private void assertConsumersAreStarted() throws Exception {
            for (Map.Entry<String, Channel> consumer : channels.entrySet()) {
                Await.until(
                        "the consumer of an open channel is started",
                        () -> consumer.getValue().isClosed()
                                || broker.consumers().contains(consumer.getKey()));
            }
        }

        /** Publishes a message; the Error of the call itself tells its caller. */
        void publish(String kind, PublishOptions options) {
            publish(kind, options, "");
        }

        void publish(String kind, PublishOptions options, String padding) {
            String name = kind + "-" + nth + "-" + publishes.size();
            try {
                CompletableFuture<Confirmation> future = producer.publishAsync(name + " " + padding, options);
                publishes.put(name, future);
                if (publishes.size() < 5) {
                    future.whenComplete((done, error) -> errors.call("a callback of a future"));
                }
            } catch (AmqpException | Error e) {
                assertThat(e).as(name).isNotInstanceOf(AssertionError.class);
            }
        }

        void call(Callable<CompletableFuture<?>> call) throws Exception {
            try {
                calls.add(call.call());
            } catch (AmqpException | LinkageError | OutOfMemoryError e) {
                // told
            }
        }

        private void assertEnds(String what, CompletableFuture<?> future) throws Exception {
            try {
                Object unused = future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                // ended
            } catch (TimeoutException e) {
                throw new AssertionError(what + " has not ended on " + connection, e);
            }
        }

        private void assertSettledAsByTheBroker(String name, CompletableFuture<Confirmation> publish) throws Exception {
            assertEnds(name, publish);
            Throwable failure = publish.handle((done, error) -> error).join();
            while (failure instanceof CompletionException) {
                failure = failure.getCause();
            }
            if (failure == null) {
                assertThat(broker.acked().contains(name)).as(name + " acked").isTrue();
            } else if (failure instanceof NackedException) {
                assertThat(broker.nacked().contains(name)).as(name + " nacked").isTrue();
            } else if (failure instanceof PublishException end && end.delivery() == DeliveryStatus.NOT_SENT) {
                assertThat(broker.received().contains(name))
                        .as("received: " + failure)
                        .isFalse();
            }
        }

        /** The broker nacks the one in the middle. A link that ends meanwhile is followed by another. */
        private void assertTagsAreRight() throws Exception {
            PublishOptions persistent = TO_Q.retry(RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO));
            Throwable nacked = null;
            for (int i = 0; i < 10 && !(nacked instanceof NackedException); i++) {
                publishes.clear();
                String round = "-after-" + i;
                publish("x" + round, persistent);
                publish("nack" + round, TO_Q);
                publish("y" + round, persistent);
                assertThat(publishes).hasSize(3);
                for (Map.Entry<String, CompletableFuture<Confirmation>> each : publishes.entrySet()) {
                    assertSettledAsByTheBroker(each.getKey(), each.getValue());
                    if (each.getKey().startsWith("nack")) {
                        nacked = each.getValue().handle((done, error) -> error).join();
                    } else {
                        assertThat(each.getValue()).isCompletedWithValueMatching(done -> done.attempts() > 0);
                    }
                }
            }
            assertThat(nacked).isInstanceOf(NackedException.class);
        }

        void publishOfEachKind() {
            for (int i = 0; i < 5; i++) {
                publish("x", TO_Q);
            }
            publish("own", TO_Q.serializer("own").compression("own"));
            publish("return", TO_Q.mandatory(true).onReturn(message -> errors.call("onReturn")));
            publish("nack", TO_Q);
            publish("declared", TO_Q.declare(Queue.of("d").onDeclared(info -> errors.call("onDeclared"))));
            publish("retried", TO_Q.retry(errors.policy(Duration.ZERO)));
            for (int i = 0; i < 300; i++) { // the window grows
                publish("x", TO_Q, "1234567890".repeat(50));
            }
            try {
                Confirmation unused = producer.publish("blocking", TO_Q);
            } catch (AmqpException | Error e) {
                // told
            }
        }

        void largePublishes() {
            String large = "1234567890".repeat(20_000);
            for (int i = 0; i < 4; i++) {
                publish("x", TO_Q);
                publish("large", TO_Q, large);
                publish("nack-large", TO_Q, large);
            }
        }

        void nackedPublishes() {
            for (int i = 0; i < 3; i++) {
                publish("x", TO_Q.retry(errors.policy(Duration.ZERO)));
                publish("nack", TO_Q);
                publish("nack", TO_Q.retry(errors.policy(Duration.ZERO)));
                publish("nack", TO_Q.retry(errors.policy(Duration.ofMillis(5))));
            }
        }

        void linkLoss() {
            PublishOptions retried = TO_Q.retry(errors.policy(Duration.ZERO));
            String large = "1234567890".repeat(8_000);
            for (int i = 0; i < 3; i++) {
                publish("x", retried);
                publish("x", TO_Q);
                publish("large", retried, large);
                publish("nack", retried);
                publish("cut", retried);
            }
            publish("large", retried, large);
            publish("x", retried);
        }

        /** The link is lost and restored while calls are made. */
        void restore() throws Exception {
            Exchange exchange = Exchange.direct("e");
            Queue queue = Queue.of("r", exchange, "k").onDeclared(info -> errors.call("onDeclared"));
            for (int i = 0; i < 2; i++) {
                Channel channel = connection.channel();
                channel.declare(queue, Binding.of(exchange, "other").toQueue("r"));
                channels.put(consume(channel, "c" + i), channel);
            }
            errors.arm(nth);
            PublishOptions retried = TO_Q.retry(errors.policy(Duration.ZERO));
            for (Channel channel : channels.values()) {
                publish("x", retried);
                publish("cut", retried);
                call(() -> channel.declareAsync(Queue.of("more")));
                call(() -> channel.getAsync("r", false));
                publish("x", retried);
                call(channel::txCommitAsync);
            }
            call(() -> channels.get("c0").consumeAsync("q", ConsumeOptions.defaults(), handler()));
            call(connection::channelAsync);
        }

        /** The broker closes a channel that confirms, which is opened again. */
        void reopen() throws Exception {
            Channel channel = connection.channel();
            Producer confirming = new Producer(channel);
            channels.put(consume(channel, "c"), channel);
            errors.arm(nth);
            for (int i = 0; i < 2; i++) {
                call(() -> channel.getAsync(ServingBroker.MISSING, false));
                call(() -> confirming.publishAsync("x-" + nth, TO_Q));
            }
        }

        void close() throws Exception {
            Channel channel = connection.channel();
            String unused = channel.consume("q", handler());
            errors.arm(nth);
            publish("x", TO_Q);
            publish("nack", TO_Q.retry(errors.policy(Duration.ofMinutes(1))));
            publish("x", TO_Q);
            call(() -> channel.getAsync("r", false));
            call(channel::closeAsync);
            call(() -> connection.closeAsync(Duration.ofMillis(200)));
        }

        private String consume(Channel channel, String tag) {
            return channel.consume("r", ConsumeOptions.defaults().consumerTag(tag), handler());
        }

        private DeliveryHandler handler() {
            AtomicBoolean running = new AtomicBoolean();
            return delivery -> {
                if (!running.compareAndSet(false, true)) {
                    concurrentDeliveries.incrementAndGet();
                }
                try {
                    errors.call("a handler");
                } finally {
                    running.set(false);
                }
            };
        }
    }
}
