package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Channel;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Consumer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A queue's handle after a reconnect that gave the queue a new name, and what is refused for a stream. */
class QueueHandleTest extends ScriptedConsumerTest {
    private static final Queue STREAM = Queue.of("s").stream();

    private static Queue declare(ScriptedLink link, Channel channel, Queue queue, String name) throws Exception {
        CompletableFuture<Queue> declaring = channel.declareAsync(queue);
        Received<QueueMethods.Declare> declare = link.expect(QueueMethods.Declare.class);
        declare.reply(new QueueMethods.DeclareOk(name, 0, 0));
        return declaring.get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void handleFollowsTheNameOfTheQueue() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            Queue mine = declare(client.link(), channel, Queue.serverNamed(), "amq.gen-A");
            ScriptedConsumer unused = ScriptedConsumer.start(
                    client.link(), channel.consumeAsync(mine.name(), ConsumeOptions.defaults(), delivery -> {}));
            client.link().cut();
            ScriptedLink link = broker.acceptRestored();
            link.expect(QueueMethods.Declare.class).reply(new QueueMethods.DeclareOk("amq.gen-B", 0, 0));
            assertThat(ScriptedConsumer.answer(link).request().queue()).isEqualTo("amq.gen-B");

            Queue present = declare(link, channel, mine, "amq.gen-B");
            assertThat(present.name()).isEqualTo("amq.gen-B");
            CompletableFuture<?> inspecting = channel.inspectAsync(mine.name());
            link.answerQueueDeclare("amq.gen-B");
            assertThat(inspecting.get(SECONDS, TimeUnit.SECONDS))
                    .hasToString("QueueInfo[name=amq.gen-B, " + "messageCount=0, consumerCount=0]");

            assertThat(replyTo(client, link, PublishOptions.to("", "rpc").replyTo(mine), 1))
                    .isEqualTo("amq.gen-B");
            assertThat(replyTo(client, link, PublishOptions.to("", "rpc").replyTo("amq.gen-A"), 2))
                    .isEqualTo("amq.gen-A");
        }
    }

    /** A later name is forgotten in time. A consumer that was started with it follows the queue all the same. */
    @Test
    void consumerOfALaterNameFollowsTheQueueOnEveryLink() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            Queue mine = declare(client.link(), channel, Queue.serverNamed(), "amq.gen-first");
            ScriptedConsumer unusedFirst = ScriptedConsumer.start(
                    client.link(), channel.consumeAsync(mine.name(), ConsumeOptions.defaults(), delivery -> {}));
            ScriptedLink link = client.link();
            for (int i = 0; i < 70; i++) {
                String name = "amq.gen-" + i;
                link.cut();
                link = broker.acceptRestored();
                link.expect(QueueMethods.Declare.class).reply(new QueueMethods.DeclareOk(name, 0, 0));
                assertThat(ScriptedConsumer.answer(link).request().queue()).isEqualTo(name);
                if (i == 0) {
                    ScriptedConsumer unused = ScriptedConsumer.start(
                            link,
                            channel.consumeAsync(
                                    name, ConsumeOptions.defaults().consumerTag("second"), delivery -> {}));
                } else {
                    assertThat(ScriptedConsumer.answer(link).request().queue()).isEqualTo(name);
                }
            }
        }
    }

    private static String replyTo(Client client, ScriptedLink link, PublishOptions options, long tag) throws Exception {
        CompletableFuture<?> publish = client.connection().producer().publishAsync("request", options);
        Published request = link.expectPublish();
        link.ack(request.channel(), tag);
        publish.get(SECONDS, TimeUnit.SECONDS);
        return String.valueOf(request.properties().replyTo());
    }

    /** RabbitMQ closes the connection for these. */
    @Test
    void streamIsNeitherGotNorConsumedWithoutAcknowledgement() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.connection().simpleQueue(STREAM))
                    .withMessageContaining("not a stream");
            assertThatIllegalArgumentException().isThrownBy(() -> ConsumeOptions.of(STREAM.noAck(true)));
            Channel channel = client.channel();
            Consumer consumer = new Consumer(channel, List.of(STREAM), o -> o.noAck(true)).onMessage(messages::add);
            CompletableFuture<Consumer> consuming = CompletableFuture.supplyAsync(consumer::consume);
            client.link().answerQueueDeclare("s");
            assertThatThrownBy(consuming::join).hasCauseInstanceOf(IllegalArgumentException.class);
            assertThat(consumer.consumingFrom("s")).isFalse();

            ConsumeOptions noAck = ConsumeOptions.defaults().noAck(true);
            assertThatThrownBy(channel.consumeAsync("s", noAck, delivery -> {})::join)
                    .hasCauseInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("noAck: true (expected: false for the stream 's')");
            assertThatIllegalArgumentException().isThrownBy(() -> channel.getAsync("s", false));
            client.link().expectSilence(50);
        }
    }
}
