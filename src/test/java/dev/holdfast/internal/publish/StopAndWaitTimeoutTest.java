package dev.holdfast.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The outstanding message ends without an answer of the broker: the next close may still be for that message. */
class StopAndWaitTimeoutTest {
    private static final PublishOptions RETRIED = PublishOptions.to("x", "")
            .retry(RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO)
                    .maxRetries(3));

    private final Random random = new Random(1);
    private final ModelClient client = new ModelClient(random, new ModelOptions(random), null);
    private ModelChannel first;
    private ModelChannel second;

    @BeforeEach
    void openChannels() {
        client.channels.clear();
        client.addChannel();
        client.addChannel();
        first = client.channels.get(0);
        second = client.channels.get(1);
        openLink();
    }

    @AfterEach
    void release() {
        closeLink();
        turn();
        client.embedded.close();
    }

    @Test
    void closeAfterATimeoutIsNotAttributedToTheNextMessage() {
        ModelMessage slow = publish(first, RETRIED.timeout(Duration.ofSeconds(1)));
        ModelMessage next = publish(second, RETRIED);
        closeLink();
        openLink();
        assertThat(slow.received).isEqualTo(2);
        assertThat(next.received).isEqualTo(1);

        client.clock.advance(1, TimeUnit.SECONDS);
        turn();
        turn();
        assertThat(slow.isDone()).isTrue();
        assertThat(next.received).isEqualTo(2);
        closeLink();
        assertConfirmedOnTheNextLink(next);
    }

    @Test
    void closeAfterALateConfirmIsNotAttributedToTheNextMessage() {
        ModelMessage slow = publish(first, RETRIED.confirmTimeout(Duration.ofSeconds(1)));
        ModelMessage next = publish(second, RETRIED);
        closeLink();
        openLink();

        client.clock.advance(1, TimeUnit.SECONDS);
        turn();
        turn();
        assertThat(slow.isDone()).isFalse();
        assertThat(next.received).isEqualTo(2);
        closeLink();
        assertConfirmedOnTheNextLink(next);
    }

    @Test
    void closeAfterAChannelWasClosedIsNotAttributedToTheNextMessage() {
        ModelMessage slow = publish(first, RETRIED);
        ModelMessage next = publish(second, RETRIED);
        closeLink();
        openLink();
        first.close();
        turn();
        assertThat(slow.isDone()).isTrue();
        assertThat(next.received).isEqualTo(2);
        closeLink();
        assertConfirmedOnTheNextLink(next);
    }

    private ModelMessage publish(ModelChannel channel, PublishOptions options) {
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
        assertThat(message.received).isEqualTo(1);
        return message;
    }

    /** A turn of the event loop, after a pause of the write coalescer. */
    private void turn() {
        client.clock.advance(1, TimeUnit.MILLISECONDS);
        client.runLoop();
    }

    private void openLink() {
        client.linkUp();
        for (ModelChannel channel : client.channels) {
            while (!channel.isOpen()) {
                channel.continueOpening();
                turn();
            }
        }
    }

    private void closeLink() {
        client.loseLink(AmqpConnectionException.closedByBroker(541, "INTERNAL_ERROR", "basic.publish"));
    }

    private void assertConfirmedOnTheNextLink(ModelMessage message) {
        assertThat(message.isDone()).as("%s", message).isFalse();
        openLink();
        while (first.hasUnconfirmed() || second.hasUnconfirmed()) {
            (first.hasUnconfirmed() ? first : second).confirms.ackAll();
            turn();
            turn();
        }
        assertThat(message.confirmation).isNotNull();
    }
}
