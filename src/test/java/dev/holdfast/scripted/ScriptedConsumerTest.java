package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Consumer;
import dev.holdfast.Exchange;
import dev.holdfast.Message;
import dev.holdfast.MessageProperties;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A test of consumers on a scripted broker: opens them, starts them, and collects their messages. */
abstract class ScriptedConsumerTest extends ScriptedTest {
    static final long SECONDS = 10;
    static final MessageProperties JSON =
            MessageProperties.EMPTY.contentType("application/json").contentEncoding("utf-8");
    static final Queue VIDEO = Queue.of("video", Exchange.direct("media"), "v");
    static final Queue AUDIO = Queue.of("audio");

    final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    /** Creates a consumer on a new channel. */
    static Consumer open(Client client, UnaryOperator<ConsumeOptions> options, Queue... queues) throws Exception {
        Connection connection = client.connection();
        CompletableFuture<Consumer> opening =
                CompletableFuture.supplyAsync(() -> connection.consumer(List.of(queues), options));
        client.link().openChannel();
        return opening.get(SECONDS, TimeUnit.SECONDS);
    }

    /** Starts a consumer of one queue with the default prefetch limit. */
    static ScriptedConsumer start(Client client, Consumer consumer) throws Exception {
        ScriptedConsumer started =
                ScriptedConsumer.start(client.link(), CompletableFuture.supplyAsync(consumer::consume));
        assertThat(started.qos()).isEqualTo(new BasicMethods.Qos(0, 250, false));
        return started;
    }

    /** The next message that the consumer has added to {@link #messages}. */
    Message nextMessage() throws InterruptedException {
        Message message = messages.poll(SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("message").isNotNull();
        return message;
    }
}
