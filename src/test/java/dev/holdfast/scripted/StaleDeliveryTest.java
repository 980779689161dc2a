package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Consumer;
import dev.holdfast.Message;
import dev.holdfast.MessageProperties;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What waits for a handler when its channel or consumer ends, and where a consumer goes on afterwards. */
class StaleDeliveryTest extends ScriptedConsumerTest {
    private enum End {
        CHANNEL_CLOSED,
        CANCELLED,
        LINK_LOST
    }

    private final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
    private final List<Object> handled = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);

    private ScriptedConsumer startWithThree(Client client, Consumer consumer) throws Exception {
        ScriptedConsumer started = start(client, consumer);
        for (int tag = 1; tag <= 3; tag++) {
            started.deliver(tag, JSON, String.valueOf(tag));
        }
        return started;
    }

    private Consumer blockedConsumer(Client client, boolean noAck) throws Exception {
        return open(client, o -> o.autoDeclare(false).noAck(noAck), AUDIO)
                .onCancel(cancelled::add)
                .callback((body, message) -> {
                    handled.add(body);
                    released.await();
                });
    }

    @ParameterizedTest
    @EnumSource
    void waitingDeliveriesAreDroppedAndCounted(End end) throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = blockedConsumer(client, false);
            ScriptedConsumer started = startWithThree(client, consumer);
            Await.until("the first is being handled", () -> handled.size() == 1);
            ScriptedLink link = client.link();
            switch (end) {
                case CHANNEL_CLOSED ->
                    link.closeChannel(
                            started.channel(),
                            new ChannelMethods.Close(406, "PRECONDITION_FAILED - delivery ack timed out", 0, 0));
                case CANCELLED -> {
                    link.send(started.channel(), new BasicMethods.Cancel(started.tag(), true));
                    Channel unused = client.channel(); // the reply is read after the cancel
                }
                case LINK_LOST -> {
                    link.cut();
                    link = broker.acceptRestored();
                    ScriptedConsumer unused = ScriptedConsumer.answer(link);
                }
            }
            released.countDown();
            Await.until(
                    "they are dropped", () -> client.connection().statistics().droppedDeliveries() == 2);
            assertThat(handled).containsExactly(1);
        }
    }

    /** The broker has forgotten them. */
    @Test
    void waitingDeliveriesWithoutAcknowledgementAreHandled() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = blockedConsumer(client, true);
            ScriptedConsumer unused = startWithThree(client, consumer);
            Await.until("the first is being handled", () -> handled.size() == 1);
            client.link().cut();
            ScriptedConsumer unusedAgain = ScriptedConsumer.answer(broker.acceptRestored());
            released.countDown();
            Await.until("all are handled", () -> handled.size() == 3);
        }
    }

    @Test
    void consumerStartsAgainAfterTheBrokerClosedItsChannel() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .onMessage(messages::add)
                    .onCancel(cancelled::add);
            ScriptedConsumer first = start(client, consumer);
            ScriptedLink link = client.link();
            link.closeChannel(
                    first.channel(), new ChannelMethods.Close(406, "PRECONDITION_FAILED - ack timed out", 0, 0));
            assertThat(cancelled.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("audio");

            CompletableFuture<?> starting = CompletableFuture.supplyAsync(consumer::consume);
            int unused = link.openChannel();
            ScriptedConsumer again = ScriptedConsumer.start(link, starting);
            again.deliver(1, JSON, "1");
            nextMessage().ack();
            assertThat(link.expect(BasicMethods.Ack.class).channel()).isEqualTo(again.channel());
        }
    }

    private static MessageProperties offset(long value) {
        return JSON.headers(Map.of("x-stream-offset", value));
    }

    @Test
    void streamGoesOnAtTheFirstUnsettledMessage() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false).streamOffset("first"), Queue.of("s").stream())
                    .onMessage(messages::add);
            ScriptedConsumer started = start(client, consumer);
            assertThat(started.request().arguments()).isEqualTo(Map.of("x-stream-offset", "first"));
            for (int i = 0; i < 4; i++) {
                started.deliver(i + 1, offset(100 + i), "0");
            }
            List<Message> four = List.of(nextMessage(), nextMessage(), nextMessage(), nextMessage());
            four.get(0).ack();
            four.get(2).ack();
            client.link().cut();
            ScriptedConsumer second = ScriptedConsumer.answer(broker.acceptRestored());
            assertThat(second.request().arguments()).isEqualTo(Map.of("x-stream-offset", 101));

            second.deliver(1, offset(101), "0");
            second.deliver(2, offset(102), "0");
            Message unused = nextMessage();
            nextMessage().ackMultiple();
            second.link().cut();
            ScriptedConsumer third = ScriptedConsumer.answer(broker.acceptRestored());
            assertThat(third.request().arguments()).isEqualTo(Map.of("x-stream-offset", 103));
        }
    }
}
