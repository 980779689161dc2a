package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.MessageProperties;
import dev.holdfast.Producer;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedBroker.NumberedChannel;
import dev.holdfast.testing.DeliveryQueue;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A channel of the user with a producer is opened again after it was closed, as after the loss of its link. */
class ConfirmingChannelTest extends ScriptedTest {
    private static final long SECONDS = 10;
    private static final ChannelMethods.Close NOT_FOUND = new ChannelMethods.Close(
            404, "NOT_FOUND - no exchange 'bad' in vhost '/'", BasicMethods.Publish.ID >>> 16, 40);
    private static final PublishOptions BAD = PublishOptions.to("bad", "q");

    /** A channel with a consumer and a producer. */
    private record Fixture(
            Channel channel, ScriptedConsumer consumer, Producer producer, BlockingQueue<String> cancelled) {
        int number() {
            return consumer.channel();
        }
    }

    private static Fixture open(Client client, DeliveryQueue deliveries) throws Exception {
        ScriptedLink link = client.link();
        NumberedChannel opened = client.openChannel();
        BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
        DeliveryHandler handler = new DeliveryHandler() {
            @Override
            public void handle(Delivery delivery) throws Exception {
                deliveries.handle(delivery);
            }

            @Override
            public void cancelled(String tag) {
                cancelled.add(tag);
            }
        };
        ConsumeOptions options = ConsumeOptions.defaults().consumerTag("tag");
        CompletableFuture<String> consuming = opened.channel().consumeAsync("jobs", options, handler);
        ScriptedConsumer consumer = ScriptedConsumer.start(link, consuming);
        CompletableFuture<Producer> creating = CompletableFuture.supplyAsync(() -> new Producer(opened.channel()));
        link.expect(ConfirmMethods.Select.class).reply(ConfirmMethods.SelectOk.INSTANCE);
        return new Fixture(opened.channel(), consumer, creating.get(SECONDS, TimeUnit.SECONDS), cancelled);
    }

    @Test
    void publishAtFaultFailsAloneAndTheChannelIsOpenedAgain() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            DeliveryQueue deliveries = new DeliveryQueue();
            Fixture fixture = open(client, deliveries);
            fixture.consumer().deliver(1, MessageProperties.EMPTY, "first");
            Delivery stale = deliveries.next("first");
            CompletableFuture<Confirmation> before = fixture.producer().publishAsync("before", WITH_RETRY);
            CompletableFuture<Confirmation> bad = fixture.producer().publishAsync("bad", BAD.retry());
            CompletableFuture<Confirmation> after = fixture.producer().publishAsync("after", NO_RETRY);
            CompletableFuture<?> inFlight = fixture.channel().getAsync("jobs", true);
            link.expectPublishes("before", "bad", "after");
            link.expect(BasicMethods.Get.class);
            link.closeChannel(fixture.number(), NOT_FOUND);

            assertThat(PublishOutcome.failure(bad)).isInstanceOf(AmqpChannelException.class);
            assertThat(catchThrowable(() -> inFlight.get(SECONDS, TimeUnit.SECONDS)))
                    .hasCauseInstanceOf(AmqpChannelException.class);
            assertThat(fixture.channel().isClosed()).isFalse();
            CompletableFuture<Confirmation> meanwhile = fixture.producer().publishAsync("meanwhile", NO_RETRY);
            int reopened = link.openConfirming();
            ScriptedConsumer restarted = ScriptedConsumer.answer(link);
            assertThat(link.expectPublishes("before", "after", "meanwhile")).isEqualTo(reopened);
            link.ackAllUpTo(reopened, 3);
            assertThat(PublishOutcome.confirmed(before).attempts()).isEqualTo(2);
            assertThat(PublishOutcome.confirmed(after).attempts()).isEqualTo(1);
            PublishOutcome.confirmed(meanwhile);

            // The tag of the closed channel, on the same link, is not taken for one of the new channel.
            restarted.deliver(1, MessageProperties.EMPTY, "again");
            Delivery again = deliveries.next("again");
            assertThatThrownBy(() -> fixture.channel().ack(stale)).isInstanceOf(AmqpChannelException.class);
            fixture.channel().ack(again);
            assertThat(link.expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(1, false));
        }
    }

    @Test
    void lateConfirmOnAStalledChannelKeepsItsConsumers() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            DeliveryQueue deliveries = new DeliveryQueue();
            Fixture fixture = open(client, deliveries);
            CompletableFuture<Confirmation> late =
                    fixture.producer().publishAsync("late", WITH_RETRY.confirmTimeout(Duration.ofMillis(500)));
            link.expectPublishes("late");
            link.answerChannelClose();
            link.openConfirming();
            ScriptedConsumer restarted = ScriptedConsumer.answer(link);
            link.ack(link.expectPublishes("late"), 1);
            assertThat(PublishOutcome.confirmed(late).attempts()).isEqualTo(2);
            restarted.deliver(1, MessageProperties.EMPTY, "delivered");
            fixture.channel().ack(deliveries.next("delivered"));
            assertThat(fixture.cancelled()).isEmpty();
        }
    }

    /** Otherwise it would end each new channel. */
    @Test
    void consumerThatIsRefusedOnTheNewChannelIsCancelled() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Fixture fixture = open(client, new DeliveryQueue());
            link.closeChannel(fixture.number(), new ChannelMethods.Close(406, "PRECONDITION_FAILED", 60, 80));
            int second = link.openConfirming();
            link.answerQos();
            link.expect(BasicMethods.Consume.class);
            link.closeChannel(second, new ChannelMethods.Close(406, "PRECONDITION_FAILED - bad argument", 60, 20));
            link.openConfirming();
            assertThat(fixture.cancelled().poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("tag");
            CompletableFuture<Confirmation> publish = fixture.producer().publishAsync("body", NO_RETRY);
            link.ack(link.expectPublishes("body"), 1);
            PublishOutcome.confirmed(publish);
        }
    }

    @Test
    void channelThatCannotConfirmAgainIsClosed() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Fixture fixture = open(client, new DeliveryQueue());
            CompletableFuture<Confirmation> publish = fixture.producer().publishAsync("body", BAD.retry());
            link.expectPublishes("body");
            CompletableFuture<Confirmation> waiting = fixture.producer().publishAsync("waiting", WITH_RETRY);
            link.expectPublishes("waiting");
            link.closeChannel(fixture.number(), NOT_FOUND);
            PublishOutcome.failure(publish);
            int second = link.openChannel();
            link.expect(ConfirmMethods.Select.class);
            link.closeChannel(second, new ChannelMethods.Close(540, "NOT_IMPLEMENTED", 85, 10));
            PublishOutcome.failed(waiting, DeliveryStatus.NOT_SENT);
            assertThat(fixture.cancelled().poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("tag");
            assertThat(fixture.channel().isClosed()).isTrue();
            link.expectSilence(50);
            client.assertPublishes(link, 1);
        }
    }

    @Test
    void channelWithoutAProducerEnds() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            NumberedChannel opened = client.openChannel();
            CompletableFuture<?> get = opened.channel().getAsync("missing", true);
            link.expect(BasicMethods.Get.class);
            link.closeChannel(opened.number(), new ChannelMethods.Close(404, "NOT_FOUND - no queue", 60, 70));
            assertThat(catchThrowable(() -> get.get(SECONDS, TimeUnit.SECONDS)))
                    .hasCauseInstanceOf(AmqpChannelException.class);
            assertThat(opened.channel().isClosed()).isTrue();
            link.expectSilence(50);
        }
    }

    @Test
    void closedChannelIsNotOpenedAgain() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Fixture fixture = open(client, new DeliveryQueue());
            CompletableFuture<Void> closing = fixture.channel().closeAsync();
            link.answerChannelClose();
            closing.get(SECONDS, TimeUnit.SECONDS);
            CompletableFuture<?> inspecting = client.channel().inspectAsync("q");
            link.expect(QueueMethods.Declare.class).reply(new QueueMethods.DeclareOk("q", 0, 0));
            inspecting.get(SECONDS, TimeUnit.SECONDS);
        }
    }
}
