package dev.holdfast.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Two open channels of a model connection, for a test that chooses the events itself. */
final class ModelFixture {
    static final PublishOptions PLAIN = PublishOptions.to("x", "");
    static final PublishOptions RETRIED = PLAIN.retry(
            RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO).maxRetries(3));

    final ModelClient client;
    final ModelChannel first;
    final ModelChannel second;

    ModelFixture() {
        Random random = new Random(1);
        client = new ModelClient(random, new ModelOptions(random), null);
        client.channels.clear();
        client.addChannel();
        client.addChannel();
        first = client.channels.get(0);
        second = client.channels.get(1);
        openLink();
    }

    /** Publishes a small message, which is not confirmed yet. */
    ModelMessage publish(ModelChannel channel, PublishOptions options) {
        int id = client.messages.size();
        ModelMessage message = new ModelMessage(
                channel,
                id,
                options.routingKey(Integer.toString(id)),
                10,
                ModelMessage.Poison.NONE,
                client.clock.nanoTime());
        client.messages.add(message);
        message.future = channel.publish(message);
        message.future.whenComplete((result, error) -> message.completed(result, error, client.step));
        turn();
        return message;
    }

    /** Turns of the event loop, after a pause of the write coalescer. */
    void turn() {
        client.clock.advance(1, TimeUnit.MILLISECONDS);
        client.runLoop();
        client.runLoop();
    }

    void pass(Duration time) {
        client.clock.advance(time.toNanos(), TimeUnit.NANOSECONDS);
        turn();
    }

    void openLink() {
        client.linkUp();
        for (ModelChannel channel : client.channels) {
            while (!channel.isOpen()) {
                channel.continueOpening();
                turn();
            }
        }
    }

    /** The broker closes the connection for an unknown cause. */
    void closeLink() {
        client.loseLink(AmqpConnectionException.closedByBroker(541, "INTERNAL_ERROR", "basic.publish"));
    }

    /** The broker confirms everything until nothing is sent any more. */
    void confirmAll() {
        while (first.hasUnconfirmed() || second.hasUnconfirmed()) {
            (first.hasUnconfirmed() ? first : second).confirms.ackAll();
            turn();
        }
    }

    void assertConfirmed(ModelMessage message) {
        assertThat(message.confirmation).as("%s", message).isNotNull();
    }

    void release() {
        closeLink();
        turn();
        client.embedded.close();
    }
}
