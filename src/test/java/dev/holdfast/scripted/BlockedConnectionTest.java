package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.Producer;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedBroker.NumberedChannel;
import dev.holdfast.scripted.ScriptedLink.Received;
import dev.holdfast.testing.Await;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** While connection.blocked holds, the silence of the broker ends no attempt, no channel and no link. */
class BlockedConnectionTest extends ScriptedTest {
    private static final long SECONDS = 10;

    /** Longer than every time limit of a test. */
    private static final int ALARM_MILLIS = 1200;

    private static final Duration BRIEF = Duration.ofMillis(400);
    private static final String REASON = "connection blocked by broker: low on memory";

    private ConnectionOptions brief() {
        return broker.options().confirmTimeout(BRIEF).rpcTimeout(BRIEF);
    }

    /** Blocks the connection, and returns when the client knows. */
    private static void block(Client client) throws Exception {
        client.link().send(0, new ConnectionMethods.Blocked("low on memory"));
        Await.until(
                "the client is blocked",
                () -> !client.connection().statistics().blocked().isZero());
    }

    private static void unblock(Client client) {
        client.link().send(0, ConnectionMethods.Unblocked.INSTANCE);
    }

    private static Throwable failure(CompletableFuture<?> call) {
        Throwable cause =
                catchThrowable(() -> call.get(SECONDS, TimeUnit.SECONDS)).getCause();
        return cause instanceof CompletionException ? cause.getCause() : cause;
    }

    private static void assertTimedOutWithReason(CompletableFuture<?> call) {
        assertThat(failure(call)).isInstanceOf(AmqpTimeoutException.class).hasMessageContaining(REASON);
    }

    @Test
    void attemptsWithAPolicyStandStill() throws Exception {
        try (Client client = broker.connect(brief())) {
            CompletableFuture<Confirmation> publish = client.connection()
                    .producer()
                    .publishAsync("body", WITH_RETRY.confirmTimeout(Duration.ofSeconds(1)));
            int channel = client.link().expectPublish().channel();
            block(client);
            client.link().expectSilence(ALARM_MILLIS);
            unblock(client);
            client.link().ack(channel, 1);
            assertThat(PublishOutcome.confirmed(publish).attempts()).isEqualTo(1);
        }
    }

    @Test
    void ownTimeoutAndAttemptWithoutAPolicyEndWithTheReason() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> once =
                    producer.publishAsync("once", NO_RETRY.confirmTimeout(Duration.ofSeconds(1)));
            CompletableFuture<Confirmation> limited =
                    producer.publishAsync("limited", WITH_RETRY.timeout(Duration.ofSeconds(1)));
            int channel = client.link().expectPublishes(2);
            block(client);
            assertThat(PublishOutcome.failed(once, DeliveryStatus.UNKNOWN)).hasMessageContaining(REASON);
            assertThat(PublishOutcome.failed(limited, DeliveryStatus.UNKNOWN)).hasMessageContaining(REASON);
            unblock(client);
            client.link().ackAllUpTo(channel, 2);
            client.assertPublishes(client.link(), 3);
        }
    }

    @Test
    void publishesWithAPolicyWaitForRoomUntilTheConnectionIsUnblocked() throws Exception {
        try (Client client = broker.connect(brief())) {
            Producer producer = client.connection().producer();
            block(client);
            CompletableFuture<CompletableFuture<Confirmation>> waiting =
                    CompletableFuture.supplyAsync(() -> producer.publishAsync("waits", WITH_RETRY));
            client.link().expectSilence(ALARM_MILLIS);
            unblock(client);
            client.link().ack(client.link().expectPublishes("waits"), 1);
            PublishOutcome.confirmed(waiting.get(SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void callThatTimesOutFailsAloneAndItsLateReplyIsIgnored() throws Exception {
        try (Client client = broker.connect(brief())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            CompletableFuture<Confirmation> neighbour = client.connection()
                    .producer()
                    .publishAsync("neighbour", NO_RETRY.confirmTimeout(Duration.ofSeconds(SECONDS)));
            int publishes = link.expectPublish().channel();
            block(client);
            CompletableFuture<?> late = channel.inspectAsync("late");
            Received<QueueMethods.Declare> request = link.expect(QueueMethods.Declare.class);
            assertTimedOutWithReason(late);
            CompletableFuture<?> behind = channel.inspectAsync("behind");
            assertTimedOutWithReason(behind);
            assertThat(failure(behind)).hasMessageContaining("was not sent: no reply to queue.declare");
            link.expectSilence(ALARM_MILLIS);
            unblock(client);
            CompletableFuture<?> next = channel.inspectAsync("next");
            request.reply(new QueueMethods.DeclareOk("late", 1, 0));
            link.answerQueueDeclare("next");
            next.get(SECONDS, TimeUnit.SECONDS);
            link.ack(publishes, 1);
            PublishOutcome.confirmed(neighbour);
        }
    }

    @Test
    void messageOfALateGetIsRequeued() throws Exception {
        try (Client client = broker.connect(brief())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            block(client);
            CompletableFuture<?> get = channel.getAsync("jobs", false);
            Received<BasicMethods.Get> request = link.expect(BasicMethods.Get.class);
            assertTimedOutWithReason(get);
            link.sendContent(
                    request.channel(),
                    new BasicMethods.GetOk(7, false, "", "jobs", 0),
                    MessageProperties.EMPTY,
                    new byte[] {1});
            assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(7, true));
        }
    }

    @Test
    void consumerThatStartsLateIsCancelledAndItsDeliveriesAreRequeued() throws Exception {
        try (Client client = broker.connect(brief())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            block(client);
            CompletableFuture<String> consume =
                    channel.consumeAsync("jobs", dev.holdfast.ConsumeOptions.defaults(), (Delivery delivery) -> {
                        throw new AssertionError("delivered");
                    });
            link.answerQos();
            Received<BasicMethods.Consume> request = link.expect(BasicMethods.Consume.class);
            assertTimedOutWithReason(consume);
            request.reply(new BasicMethods.ConsumeOk("late"));
            Received<BasicMethods.Cancel> cancel = link.expect(BasicMethods.Cancel.class);
            link.sendContent(
                    request.channel(),
                    new BasicMethods.Deliver("late", 3, false, "", "jobs"),
                    MessageProperties.EMPTY,
                    new byte[] {1});
            assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(3, true));
            cancel.reply(new BasicMethods.CancelOk("late"));
            CompletableFuture<?> next = channel.inspectAsync("next");
            link.answerQueueDeclare("next");
            next.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void channelWhoseConfirmSelectIsAnsweredLateConfirms() throws Exception {
        try (Client client = broker.connect(brief())) {
            ScriptedLink link = client.link();
            NumberedChannel opened = client.openChannel();
            block(client);
            CompletableFuture<Producer> creating = CompletableFuture.supplyAsync(() -> new Producer(opened.channel()));
            Received<ConfirmMethods.Select> request = link.expect(ConfirmMethods.Select.class);
            assertTimedOutWithReason(creating);
            unblock(client);
            request.reply(ConfirmMethods.SelectOk.INSTANCE);
            CompletableFuture<Confirmation> publish = new Producer(opened.channel()).publishAsync("body", NO_RETRY);
            link.ack(link.expectPublishes("body"), 1);
            PublishOutcome.confirmed(publish);
        }
    }

    @Test
    void unansweredOpenAndCloseOfAChannelFailAndTheLinkLives() throws Exception {
        try (Client client = broker.connect(brief())) {
            ScriptedLink link = client.link();
            NumberedChannel opened = client.openChannel();
            block(client);
            CompletableFuture<Void> closing = opened.channel().closeAsync();
            Received<ChannelMethods.Close> close = link.expect(ChannelMethods.Close.class);
            CompletableFuture<Channel> opening = client.connection().channelAsync();
            Received<ChannelMethods.Open> open = link.expect(ChannelMethods.Open.class);
            assertTimedOutWithReason(closing);
            assertTimedOutWithReason(opening);
            Received<ChannelMethods.Close> abandoned = link.expect(ChannelMethods.Close.class);
            assertThat(abandoned.channel()).isEqualTo(open.channel());
            link.expectSilence(ALARM_MILLIS);
            unblock(client);
            close.reply(ChannelMethods.CloseOk.INSTANCE);
            open.reply(ChannelMethods.OpenOk.INSTANCE);
            abandoned.reply(ChannelMethods.CloseOk.INSTANCE);
            client.assertPublishes(link, 1);
        }
    }

    @Test
    void messagesBehindADeclareWaitForItsReply() throws Exception {
        try (Client client = broker.connect(brief())) {
            ScriptedLink link = client.link();
            PublishOptions declaring = WITH_RETRY.retry(NO_DELAY.maxRetries(1)).declare(Queue.of("q"));
            CompletableFuture<Confirmation> publish =
                    client.connection().producer().publishAsync("body", declaring);
            Received<QueueMethods.Declare> request = link.expect(QueueMethods.Declare.class);
            block(client);
            link.expectSilence(ALARM_MILLIS);
            unblock(client);
            request.reply(new QueueMethods.DeclareOk("q", 0, 0));
            ScriptedLink.Frame frame = link.next();
            while (frame.method() instanceof QueueMethods.Declare) { // the call is repeated, the wait is not
                link.send(frame.channel(), new QueueMethods.DeclareOk("q", 0, 0));
                frame = link.next();
            }
            assertThat(frame.method()).isInstanceOf(BasicMethods.Publish.class);
            link.ack(frame.channel(), 1);
            assertThat(PublishOutcome.confirmed(publish).attempts()).isEqualTo(1);
        }
    }

    /** The broker stops the channel by channel.flow: the same rule for its publishes. */
    @Test
    void attemptsOnAPausedChannelStandStill() throws Exception {
        try (Client client = broker.connect(brief())) {
            ScriptedLink link = client.link();
            CompletableFuture<Confirmation> publish = client.connection()
                    .producer()
                    .publishAsync("body", WITH_RETRY.confirmTimeout(Duration.ofSeconds(1)));
            int channel = link.expectPublish().channel();
            link.send(channel, new ChannelMethods.Flow(false));
            link.expect(ChannelMethods.FlowOk.class);
            link.expectSilence(ALARM_MILLIS);
            link.send(channel, new ChannelMethods.Flow(true));
            link.expect(ChannelMethods.FlowOk.class);
            link.ack(channel, 1);
            assertThat(PublishOutcome.confirmed(publish).attempts()).isEqualTo(1);
        }
    }
}
