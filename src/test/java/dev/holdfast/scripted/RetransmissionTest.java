package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Confirmation;
import dev.holdfast.Exchange;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.testing.LogLines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** Retransmission after the loss of a link: which messages, in which order, with how many attempts. */
class RetransmissionTest extends ScriptedTest {
    @Test
    void recoveryOpensChannelsDeclaresRetransmitsThenSendsNewMessages() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Exchange media = Exchange.direct("media");
            Queue video = Queue.of("video", media, "video");
            PublishOptions options =
                    PublishOptions.to("media", "video").declare(video).retry(NO_DELAY.maxRetries(5));
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> first = producer.publishAsync("first", options);
            client.link().answerExchangeDeclare();
            client.link().answerQueueDeclare("video");
            client.link().answerQueueBind();
            client.link().expectPublishes("first");
            client.link().cut();

            ScriptedLink restored = broker.accept();
            CompletableFuture<Confirmation> second = producer.publishAsync("second", options);
            List<String> methods = new ArrayList<>();
            ScriptedLink.Frame frame = restored.next();
            while (!(frame.method() instanceof ExchangeMethods.Declare)) {
                Method method = frame.method();
                methods.add(method.methodName());
                restored.send(
                        frame.channel(),
                        method instanceof ChannelMethods.Open
                                ? ChannelMethods.OpenOk.INSTANCE
                                : ConfirmMethods.SelectOk.INSTANCE);
                frame = restored.next();
            }
            assertThat(methods).containsExactly("channel.open", "channel.open", "confirm.select");
            restored.send(frame.channel(), ExchangeMethods.DeclareOk.INSTANCE);
            restored.answerQueueDeclare("video");
            restored.expect(QueueMethods.Bind.class);
            restored.expectSilence(50);
            restored.send(frame.channel(), QueueMethods.BindOk.INSTANCE);
            Published retransmitted = restored.expectPublish();
            assertThat(retransmitted.text()).isEqualTo("first");
            assertThat(restored.expectPublish().text()).isEqualTo("second");
            restored.ackAllUpTo(retransmitted.channel(), 2);
            assertThat(PublishOutcome.confirmed(first).attempts()).isEqualTo(2);
            assertThat(PublishOutcome.confirmed(second).attempts()).isEqualTo(1);
        }
    }

    @Test
    void onlyUnconfirmedMessagesWithRetriesLeftAreRetransmitted() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> done = producer.publishAsync("done", WITH_RETRY);
            CompletableFuture<Confirmation> once = producer.publishAsync("once", NO_RETRY);
            CompletableFuture<Confirmation> cancelled = producer.publishAsync("cancelled", WITH_RETRY);
            CompletableFuture<Confirmation> last =
                    producer.publishAsync("last attempt", NO_RETRY.retry(NO_DELAY.maxRetries(1)));
            CompletableFuture<Confirmation> retried = producer.publishAsync("again", WITH_RETRY);
            Published first = client.link().expectPublish();
            client.link().expectPublishes(4);
            client.link().ack(first.channel(), 1);
            PublishOutcome.confirmed(done);
            assertThat(cancelled.cancel(false)).isTrue();
            client.link().cut();

            PublishOutcome.failed(once, DeliveryStatus.UNKNOWN);
            ScriptedLink second = broker.acceptRestored();
            assertThat(second.expectPublish().text()).isEqualTo("last attempt");
            assertThat(second.expectPublish().text()).isEqualTo("again");
            second.cut();

            PublishException exhausted = PublishOutcome.failed(last, DeliveryStatus.UNKNOWN);
            assertThat(exhausted).isInstanceOf(RetriesExhaustedException.class);
            assertThat(((RetriesExhaustedException) exhausted).attempts()).isEqualTo(2);
            ScriptedLink third = broker.acceptRestored();
            Published retransmitted = third.expectPublish();
            assertThat(retransmitted.text()).isEqualTo("again");
            third.expectSilence(50);
            third.ack(retransmitted.channel(), 1);
            assertThat(PublishOutcome.confirmed(retried).attempts()).isEqualTo(3);
        }
    }

    @Test
    void timeoutExpiresWhileTheLinkIsDown() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Confirmation> publish = client.connection()
                    .producer()
                    .publishAsync("short", WITH_RETRY.retry(NO_DELAY.forever()).timeout(Duration.ofMillis(300)));
            client.link().expectPublish();
            broker.stopListening();
            client.link().cut();
            assertThat(PublishOutcome.failed(publish, DeliveryStatus.UNKNOWN)).hasMessageContaining("timeout");
        }
    }

    @Test
    void anExceptionOfOnRetryIsLoggedAndTheRetryContinues() throws Exception {
        RetryPolicy policy = NO_DELAY.onRetry((failure, delay) -> {
            throw new IllegalStateException("thrown by onRetry");
        });
        try (LogLines log = new LogLines();
                Client client = broker.connect(broker.options())) {
            CompletableFuture<Confirmation> publish =
                    client.connection().producer().publishAsync("body", NO_RETRY.retry(policy));
            client.link().expectPublish();
            client.link().cut();

            ScriptedLink restored = broker.acceptRestored();
            restored.ack(restored.expectPublish().channel(), 1);
            assertThat(PublishOutcome.confirmed(publish).attempts()).isEqualTo(2);
            assertThat(log.lines(Level.WARNING)).contains("IllegalStateException: thrown by onRetry");
        }
    }

    @Test
    void retryIsUsedUpAfterItsDelayAndAFailedRound() throws Exception {
        List<Duration> sleeps = Collections.synchronizedList(new ArrayList<>());
        RetryPolicy policy = RetryPolicy.linear(Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(60))
                .maxRetries(5)
                .onRetry((error, sleep) -> sleeps.add(sleep));
        List<Duration> longSleeps = Collections.synchronizedList(new ArrayList<>());
        RetryPolicy slow = RetryPolicy.linear(Duration.ofHours(1), Duration.ZERO, Duration.ofHours(1))
                .maxRetries(5)
                .onRetry((error, sleep) -> longSleeps.add(sleep));
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> publish = producer.publishAsync("body", NO_RETRY.retry(policy));
            CompletableFuture<Confirmation> sleeping = producer.publishAsync("sleeping", NO_RETRY.retry(slow));
            client.link().expectPublishes("body", "sleeping");
            broker.stopListening();
            client.link().cut();
            RetriesExhaustedException exhausted =
                    (RetriesExhaustedException) PublishOutcome.failed(publish, DeliveryStatus.UNKNOWN);
            assertThat(exhausted.attempts()).isEqualTo(6);
            assertThat(sleeps).extracting(Duration::toMillis).containsExactly(0L, 20L, 40L, 60L, 60L);
            assertThat(sleeping).as("asleep in all these rounds").isNotDone();
            assertThat(longSleeps).containsExactly(Duration.ofHours(1));
            assertThat(exhausted.getCause()).hasMessageContaining("refused");
        }
    }

    @Test
    void publishWithoutAPolicyAwaitsALinkAndIsSentOnce() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            client.link().cut();
            ScriptedLink second = broker.accept();
            CompletableFuture<Confirmation> publish = producer.publishAsync("waits", NO_RETRY);
            second.cut();
            ScriptedLink third = broker.accept();
            // The publish began no attempt on the second link, or it has failed.
            third.restoreChannels();
            if (publish.isDone()) {
                PublishOutcome.failed(publish, DeliveryStatus.NOT_SENT);
            } else {
                Published sent = third.expectPublish();
                third.cut();
                assertThat(sent.text()).isEqualTo("waits");
                PublishOutcome.failed(publish, DeliveryStatus.UNKNOWN);
                broker.acceptRestored().expectSilence(50);
            }
        }
    }

    @Test
    void bodiesAreSplitAgainForASmallerFrameMax() throws Exception {
        byte[] body = new byte[200_000];
        new Random(7).nextBytes(body);
        byte[] small = "small".getBytes(UTF_8);
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> large = producer.publishAsync(body, WITH_RETRY);
            CompletableFuture<Confirmation> next = producer.publishAsync(small, WITH_RETRY);
            assertThat(client.link().expectPublish().largestFrame()).isEqualTo(131_072);
            client.link().expectPublish();
            broker.frameMax(4096);
            client.link().cut();

            ScriptedLink restored = broker.acceptRestored();
            Published retransmitted = restored.expectPublish();
            assertThat(retransmitted.largestFrame()).isEqualTo(4096);
            assertThat(Arrays.equals(retransmitted.body(), body)).isTrue();
            assertThat(restored.expectPublish().text()).isEqualTo("small");
            restored.ackAllUpTo(retransmitted.channel(), 2);
            PublishOutcome.confirmed(large);
            PublishOutcome.confirmed(next);
        }
    }

    @Test
    void headerLargerThanFrameMaxFailsItsMessageOnly() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> before = producer.publishAsync("before", WITH_RETRY);
            CompletableFuture<Confirmation> largeHeader =
                    producer.publishAsync("wide", WITH_RETRY.header("x", "y".repeat(8000)));
            CompletableFuture<Confirmation> after = producer.publishAsync("after", WITH_RETRY);
            client.link().expectPublishes(3);
            broker.frameMax(4096);
            client.link().cut();

            ScriptedLink restored = broker.acceptRestored();
            assertThat(PublishOutcome.failure(largeHeader))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("content header")
                    .hasMessageContaining("4096");
            Published first = restored.expectPublish();
            assertThat(first.text()).isEqualTo("before");
            assertThat(restored.expectPublish().text()).isEqualTo("after");
            restored.ackAllUpTo(first.channel(), 2);
            PublishOutcome.confirmed(before);
            PublishOutcome.confirmed(after);
        }
    }

    @Test
    void largeAndSmallMessagesAreRetransmittedInOrder() throws Exception {
        byte[] large = new byte[70_000];
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            List<CompletableFuture<Confirmation>> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                byte[] body = i % 3 == 0 ? large.clone() : new byte[100];
                body[0] = (byte) i;
                all.add(producer.publishAsync(body, WITH_RETRY));
            }
            assertOrder(client.link(), 40);
            client.link().cut();
            ScriptedLink restored = broker.acceptRestored();
            int channel = assertOrder(restored, 40);
            restored.ackAllUpTo(channel, 40);
            for (CompletableFuture<Confirmation> publish : all) {
                assertThat(PublishOutcome.confirmed(publish).attempts()).isEqualTo(2);
            }
        }
    }

    private static int assertOrder(ScriptedLink link, int count) {
        int channel = 0;
        for (int i = 0; i < count; i++) {
            Published message = link.expectPublish();
            assertThat(message.body()[0]).isEqualTo((byte) i);
            channel = message.channel();
        }
        return channel;
    }
}
