package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedBroker.NumberedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An auto-delete queue is forgotten with its last consumer, however that ends, and declared again while it has one. */
class TopologyForgetTest extends ScriptedTest {
    private static final ConsumeOptions DEFAULTS = ConsumeOptions.defaults();

    private static void declare(Client client, Channel channel, String queue) {
        CompletableFuture<?> declaring = channel.declareAsync(Queue.of(queue).autoDelete(true));
        client.link().answerQueueDeclare(queue);
        declaring.join();
    }

    private static ScriptedConsumer consume(Client client, Channel channel, String queue, DeliveryHandler handler)
            throws Exception {
        return ScriptedConsumer.start(client.link(), channel.consumeAsync(queue, DEFAULTS.consumerTag(queue), handler));
    }

    @Test
    void onlyQueuesWithAConsumerAreDeclaredAgain() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            NumberedChannel closing = client.openChannel();
            NumberedChannel refused = client.openChannel();
            List<String> queues =
                    List.of("kept", "cancelled", "cancelled by the broker", "closed", "not found", "unused");
            queues.forEach(queue -> declare(client, channel, queue));
            DeliveryHandler ignore = delivery -> {};
            ScriptedConsumer kept = consume(client, channel, "kept", ignore);

            ScriptedConsumer cancelled = consume(client, channel, "cancelled", ignore);
            CompletableFuture<?> cancelling = channel.cancelAsync(cancelled.tag());
            link.expect(BasicMethods.Cancel.class).reply(new BasicMethods.CancelOk(cancelled.tag()));
            cancelling.join();

            CountDownLatch ended = new CountDownLatch(1);
            ScriptedConsumer deleted = consume(client, channel, "cancelled by the broker", new DeliveryHandler() {
                @Override
                public void handle(Delivery delivery) {}

                @Override
                public void cancelled(String consumerTag) {
                    ended.countDown();
                }
            });
            link.send(deleted.channel(), new BasicMethods.Cancel(deleted.tag(), true));
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();

            ScriptedConsumer unused = consume(client, closing.channel(), "closed", ignore);
            CompletableFuture<?> closed = closing.channel().closeAsync();
            link.answerChannelClose();
            closed.join();

            CompletableFuture<?> missing = refused.channel().consumeAsync("not found", DEFAULTS, ignore);
            link.answerQos();
            link.expect(BasicMethods.Consume.class);
            link.closeChannel(refused.number(), new ChannelMethods.Close(404, "NOT_FOUND - no queue", 60, 20));
            assertThat(missing.handle((tag, error) -> error).join()).isInstanceOf(AmqpChannelException.class);

            link.cut();
            ScriptedLink restored = broker.acceptRestored();
            List<String> declared = new ArrayList<>();
            ScriptedLink.Frame frame = restored.next();
            while (frame.method() instanceof QueueMethods.Declare declare) {
                declared.add(declare.queue());
                restored.send(frame.channel(), new QueueMethods.DeclareOk(declare.queue(), 0, 0));
                frame = restored.next();
            }
            assertThat(declared).containsExactly("kept");
            assertThat(frame.method()).isInstanceOf(BasicMethods.Qos.class);
            restored.send(frame.channel(), BasicMethods.QosOk.INSTANCE);
            assertThat(restored.expect(BasicMethods.Consume.class).method().consumerTag())
                    .isEqualTo(kept.tag());
        }
    }
}
