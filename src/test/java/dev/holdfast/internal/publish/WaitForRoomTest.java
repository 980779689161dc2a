package dev.holdfast.internal.publish;

import static dev.holdfast.internal.publish.ModelFixture.PLAIN;
import static dev.holdfast.internal.publish.ModelFixture.RETRIED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.PublishOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A thread that waits for room in the window of a channel. */
class WaitForRoomTest {
    private final ModelFixture fixture = new ModelFixture();
    private final int max = fixture.client.options.maxUnconfirmed();
    private final Publisher publisher = fixture.first.publisher;

    @BeforeEach
    void fill() {
        publish(max);
    }

    @AfterEach
    void release() {
        fixture.release();
        fixture.client.threads.run(() -> {});
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            fixture.publish(fixture.first, PLAIN);
        }
    }

    private ModelMessage startWaiting(PublishOptions options) {
        int id = fixture.client.messages.size();
        ModelMessage message = new ModelMessage(
                fixture.first,
                id,
                options.routingKey(Integer.toString(id)),
                10,
                ModelMessage.Poison.NONE,
                fixture.client.clock.nanoTime());
        fixture.client.messages.add(message);
        fixture.client.threads.publish(
                message,
                published -> published.future.whenComplete(
                        (result, error) -> published.completed(result, error, fixture.client.step)));
        assertThat(message.waiting).isTrue();
        return message;
    }

    private void ack(int from, int to) {
        fixture.client.threads.run(() -> {
            for (int tag = from; tag <= to; tag++) {
                publisher.confirms().acked(tag, false);
            }
            publisher.confirms().flushAcks();
        });
    }

    @Test
    void timeInWhichReadsAreHeldIsLeftOut() {
        ModelMessage message = startWaiting(RETRIED.confirmTimeout(Duration.ofSeconds(10)));
        fixture.client.clock.advance(5, TimeUnit.SECONDS);
        fixture.client.log.silence().holdReads(true);
        fixture.client.clock.advance(100, TimeUnit.SECONDS);
        fixture.client.log.silence().holdReads(false);
        fixture.client.threads.run(publisher::wake);
        assertThat(message.waiting).as("5 of 10 s have passed").isTrue();
        fixture.client.clock.advance(5, TimeUnit.SECONDS);
        fixture.client.threads.run(publisher::wake);
        assertThat(message.waiting).isFalse();
        assertThat(message.future).isCompletedExceptionally();
    }

    /** The oldest message keeps its place: the ring is longer than the window. */
    @Test
    void confirmsOutOfOrderMakeRoom() {
        ack(2, max);
        publish(max - 1);
        ModelMessage message = startWaiting(PLAIN);
        ack(max + 1, 2 * max - 1);
        assertThat(message.waiting).isFalse();
        assertThat(message.future).isNotDone();
    }
}
