package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A failure of a user's executor, callback or argument affects only its own call. */
class UserCodeFailuresTest {
    /** Far below the timeout of a call, which a blocked channel would wait for. */
    private static final long SECONDS = 15;

    private DiscardingBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = DiscardingBroker.start(ConfirmMode.PER_READ);
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    @Test
    void unencodableDeclarationDelaysNoOther() throws Exception {
        try (Connection connection = Connection.open(broker.uri());
                Channel channel = connection.channel()) {
            Queue unencodable = Queue.of("bad").argument("x-what", "x".repeat(1 << 20));
            CompletableFuture<Queue> first = channel.declareAsync(Queue.of("first"));
            CompletableFuture<Queue> bad = channel.declareAsync(unencodable);
            CompletableFuture<Queue> next = channel.declareAsync(Queue.of("next"));

            assertThat(first.get(SECONDS, TimeUnit.SECONDS).name()).isEqualTo("first");
            assertThatThrownBy(() -> bad.get(SECONDS, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalArgumentException.class);
            assertThat(next.get(SECONDS, TimeUnit.SECONDS).name()).isEqualTo("next");
            assertThat(connection.producer().publish("after", PublishOptions.to("", "next")))
                    .isEqualTo(Confirmation.ONE);
        }
    }

    @Test
    void closeCompletesWhenTheDeliveryExecutorRejects() throws Exception {
        ConnectionOptions options = ConnectionOptions.parse(broker.uri()).deliveryExecutor(task -> {
            throw new RejectedExecutionException("shut down");
        });
        Connection connection = Connection.open(options);
        connection.channel().consume("q", delivery -> {});

        connection.closeAsync(Duration.ofSeconds(5)).get(SECONDS, TimeUnit.SECONDS);
    }

    /** An executor that cannot create a thread throws an Error. */
    @Test
    void errorFromTheExecutorLeavesTheConnectionOpen() throws Exception {
        ConnectionOptions options = ConnectionOptions.parse(broker.uri())
                .listener(new ConnectionListener() {})
                .deliveryExecutor(task -> {
                    throw new OutOfMemoryError("unable to create native thread");
                });
        CompletableFuture<Connection> opening = CompletableFuture.supplyAsync(() -> Connection.open(options));
        Connection connection = opening.get(SECONDS, TimeUnit.SECONDS);
        Queue queue = Queue.of("q").onDeclared(info -> {});
        connection.channel().declareAsync(queue).get(SECONDS, TimeUnit.SECONDS);
        assertThat(connection.producer().publish("alive", PublishOptions.to("", "q")))
                .isEqualTo(Confirmation.ONE);

        connection.closeAsync(Duration.ofSeconds(5)).get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void closeAcceptsATimeoutOfAnyLength() throws Exception {
        Connection connection = Connection.open(broker.uri());

        connection.closeAsync(Duration.ofSeconds(Long.MAX_VALUE)).get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void producerOnAClosedChannelIsRefused() {
        try (Connection connection = Connection.open(broker.uri())) {
            Channel channel = connection.channel();
            channel.close();

            assertThatThrownBy(() -> new Producer(channel)).isInstanceOf(AmqpException.class);
            assertThatThrownBy(() -> new Producer(channel)).isInstanceOf(AmqpException.class);
        }
    }

    @Test
    void throwingOrOverflowingBackoffStillYieldsADelay() {
        RetryPolicy throwing = RetryPolicy.of(retry -> {
            throw new IllegalStateException("no backoff");
        });
        RetryPolicy overflowing = RetryPolicy.of(retry -> Duration.ofSeconds(Long.MAX_VALUE));

        RetryPolicy linkage = RetryPolicy.of(retry -> {
                    throw new NoClassDefFoundError("of the user");
                })
                .retryOn(cause -> {
                    throw new StackOverflowError();
                });

        assertThat(linkage.delay(1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(linkage.retries(new AmqpTimeoutException("late"))).isFalse();
        assertThat(throwing.delay(1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(overflowing.delay(1).toNanos()).isPositive();
        assertThat(overflowing.budget().toNanos()).isPositive();
    }
}
