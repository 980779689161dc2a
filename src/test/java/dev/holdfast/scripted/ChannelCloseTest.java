package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Exchange;
import dev.holdfast.Producer;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.RetryPolicy;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedBroker.NumberedChannel;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A channel close by the broker fails the publish or declaration at fault, and no other. */
class ChannelCloseTest extends ScriptedTest {
    private static final PublishOptions GOOD = PublishOptions.to("good", "q");
    private static final PublishOptions BAD = PublishOptions.to("bad", "q");
    private static final ChannelMethods.Close NOT_FOUND = new ChannelMethods.Close(
            404, "NOT_FOUND - no exchange 'bad' in vhost '/'", BasicMethods.Publish.ID >>> 16, 40);

    @Test
    void faultyPublishFailsAndLaterOnesAreRetransmittedWithoutAnAttempt() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> before = producer.publishAsync("before", GOOD);
            CompletableFuture<Confirmation> retried =
                    producer.publishAsync("retried", GOOD.retry(NO_DELAY.maxRetries(5)));
            CompletableFuture<Confirmation> bad = producer.publishAsync("bad", BAD.retry(NO_DELAY.maxRetries(5)));
            CompletableFuture<Confirmation> after = producer.publishAsync("after", GOOD);
            int channel = link.expectPublishes(4);
            link.closeChannel(channel, NOT_FOUND);

            assertThat(PublishOutcome.failed(before, DeliveryStatus.UNKNOWN)).hasMessageContaining("404");
            assertThat(PublishOutcome.failure(bad))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining("no exchange 'bad'")
                    .hasMessageContaining("basic.publish");
            link.openConfirming();
            Published first = link.expectPublish();
            assertThat(first.text()).isEqualTo("retried");
            assertThat(link.expectPublish().text()).isEqualTo("after");
            link.ackAllUpTo(first.channel(), 2);
            assertThat(PublishOutcome.confirmed(retried).attempts()).isEqualTo(2);
            assertThat(PublishOutcome.confirmed(after).attempts()).isEqualTo(1);
            link.expectSilence(50);
        }
    }

    @Test
    void channelFlowPauseEndsWithItsChannel() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> bad = producer.publishAsync("bad", BAD);
            int channel = link.expectPublish().channel();
            link.send(channel, new ChannelMethods.Flow(false));
            link.expect(ChannelMethods.FlowOk.class);
            link.closeChannel(channel, NOT_FOUND);
            assertThat(PublishOutcome.failure(bad)).isInstanceOf(AmqpChannelException.class);
            link.openConfirming();
            CompletableFuture<CompletableFuture<Confirmation>> good =
                    CompletableFuture.supplyAsync(() -> producer.publishAsync("good", GOOD));
            Published published = link.expectPublish();
            link.ackAllUpTo(published.channel(), 1);
            PublishOutcome.confirmed(good.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void messageSizeIsParsedFromTheReplyText() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            RetryPolicy policy = NO_DELAY.maxRetries(5);
            // These sizes equal the channel number, the reply code and the limit, which the exception message contains.
            List<CompletableFuture<Confirmation>> smaller = new ArrayList<>();
            for (int size : new int[] {2, 406, 1000}) {
                smaller.add(producer.publishAsync(new byte[size], GOOD.retry(policy)));
            }
            CompletableFuture<Confirmation> large = producer.publishAsync(new byte[1001], GOOD.retry(policy));
            int channel = link.expectPublishes(4);
            link.closeChannel(
                    channel,
                    new ChannelMethods.Close(
                            406,
                            "PRECONDITION_FAILED - message size 1001 is larger than configured max size 1000",
                            60,
                            40));
            assertThat(PublishOutcome.failure(large))
                    .isInstanceOf(AmqpChannelException.class)
                    .hasMessageContaining("1001");
            link.openConfirming();
            link.ackAllUpTo(link.expectPublishes(3), 3);
            PublishOutcome.allConfirmed(smaller);
        }
    }

    @Test
    void publishesAfterTheFaultyOneAreNotSent() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> bad = producer.publishAsync("bad", BAD);
            CompletableFuture<Confirmation> after =
                    producer.publishAsync("after", GOOD.timeout(Duration.ofMillis(500)));
            int channel = link.expectPublish().channel();
            link.expectPublish();
            link.closeChannel(channel, NOT_FOUND);
            PublishOutcome.failure(bad);
            link.expect(ChannelMethods.Open.class); // stays unanswered: the message cannot be retransmitted
            PublishOutcome.failed(after, DeliveryStatus.NOT_SENT);
        }
    }

    @Test
    void refusedDeclareFailsOnlyItsOwnPublishesAsNotSent() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            PublishOptions declaring = PublishOptions.to("", "q").declare(Queue.of("q"));
            CompletableFuture<Confirmation> refused = producer.publishAsync("refused", declaring);
            CompletableFuture<Confirmation> retried =
                    producer.publishAsync("retried", declaring.retry(NO_DELAY.maxRetries(5)));
            CompletableFuture<Confirmation> behind = producer.publishAsync("behind", GOOD);
            Received<QueueMethods.Declare> declare = link.expect(QueueMethods.Declare.class);
            link.expectSilence(50);
            declare.reply(new ChannelMethods.Close(
                    406, "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q'", 50, 10));
            link.expect(ChannelMethods.CloseOk.class);
            for (CompletableFuture<Confirmation> publish : List.of(refused, retried)) {
                PublishException failure = PublishOutcome.failed(publish, DeliveryStatus.NOT_SENT);
                assertThat(failure)
                        .hasMessageContaining("inequivalent arg")
                        .hasMessageContaining("queue.declare")
                        .hasCauseInstanceOf(AmqpChannelException.class);
            }
            ScriptedLink.Frame next = link.next();
            while (next.channel() == declare.channel()) {
                link.send(next.channel(), ChannelMethods.OpenOk.INSTANCE);
                next = link.next();
            }
            assertThat(next.method()).isInstanceOf(BasicMethods.Publish.class);
            link.next();
            link.next();
            link.ack(next.channel(), 1);
            PublishOutcome.confirmed(behind);
        }
    }

    @Test
    void publishesBehindAPendingDeclareKeepTheirOrder() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> first =
                    producer.publishAsync("1", PublishOptions.to("media", "q").declare(Exchange.direct("media")));
            CompletableFuture<Confirmation> second = producer.publishAsync("2", GOOD);
            CompletableFuture<Confirmation> third = producer.publishAsync(new byte[100_000], GOOD);
            CompletableFuture<Confirmation> fourth = producer.publishAsync("4", GOOD);
            Received<ExchangeMethods.Declare> declare = link.expect(ExchangeMethods.Declare.class);
            link.expectSilence(50);
            declare.reply(ExchangeMethods.DeclareOk.INSTANCE);
            int channel = link.expectPublish().channel();
            assertThat(link.expectPublish().text()).isEqualTo("2");
            assertThat(link.expectPublish().body()).hasSize(100_000);
            assertThat(link.expectPublish().text()).isEqualTo("4");
            link.ackAllUpTo(channel, 4);
            PublishOutcome.allConfirmed(List.of(first, second, third, fourth));
        }
    }

    @Test
    void crossingChannelClosesAreBothAnswered() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            NumberedChannel opened = client.openChannel();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(opened.channel()::close);
            link.expect(ChannelMethods.Close.class);
            link.closeChannel(opened.number(), new ChannelMethods.Close(404, "NOT_FOUND", 50, 10));
            link.send(opened.number(), ChannelMethods.CloseOk.INSTANCE);
            closing.get(10, TimeUnit.SECONDS);
            client.assertPublishes(link, 1);
        }
    }

    @Test
    void channelRequestedDuringRecoveryIsOpened() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            client.link().cut();
            ScriptedLink restored = broker.accept();
            Received<ChannelMethods.Open> first = restored.expect(ChannelMethods.Open.class);
            CompletableFuture<Channel> opening = client.connection().channelAsync();
            Received<ChannelMethods.Open> second = restored.expect(ChannelMethods.Open.class);
            restored.expectSilence(100);
            first.reply(ChannelMethods.OpenOk.INSTANCE);
            second.reply(ChannelMethods.OpenOk.INSTANCE);
            ScriptedLink.Frame frame = restored.next();
            while (!opening.isDone()) {
                restored.send(
                        frame.channel(),
                        frame.method() instanceof ConfirmMethods.Select
                                ? ConfirmMethods.SelectOk.INSTANCE
                                : ChannelMethods.OpenOk.INSTANCE);
                if (frame.method() instanceof ChannelMethods.Open) {
                    break;
                }
                frame = restored.next();
            }
            CompletableFuture<?> inspecting = opening.get(10, TimeUnit.SECONDS).inspectAsync("q");
            restored.answerQueueDeclare("q");
            inspecting.get(10, TimeUnit.SECONDS);
        }
    }
}
