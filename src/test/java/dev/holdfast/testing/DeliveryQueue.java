package dev.holdfast.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A consumer's handler that queues deliveries, unacknowledged, until the test takes them. Also gets messages
 * without one.
 */
public final class DeliveryQueue implements DeliveryHandler {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> cancelledTag = new CompletableFuture<>();

    @Override
    public void handle(Delivery delivery) {
        deliveries.add(delivery);
    }

    @Override
    public void cancelled(String consumerTag) {
        cancelledTag.complete(consumerTag);
    }

    /** Completes with the consumer tag when the broker cancels the consumer. */
    public CompletableFuture<String> cancelledTag() {
        return cancelledTag;
    }

    /** Waits for the next delivery and takes it; fails after 60 s. */
    public Delivery next() throws InterruptedException {
        Delivery delivery = deliveries.poll(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        assertThat(delivery).as("a delivery within %s", LIMIT).isNotNull();
        return delivery;
    }

    /** Waits for the next delivery, takes it and asserts its body. */
    public Delivery next(String body) throws InterruptedException {
        Delivery delivery = next();
        assertThat(text(delivery)).isEqualTo(body);
        return delivery;
    }

    /** Waits for this many deliveries and takes them. */
    public List<Delivery> take(int count) throws InterruptedException {
        List<Delivery> taken = new ArrayList<>();
        while (taken.size() < count) {
            taken.add(next());
        }
        return taken;
    }

    /** Whether no delivery waits to be taken. */
    public boolean isEmpty() {
        return deliveries.isEmpty();
    }

    /** Gets messages by basic.get, without acknowledgement, until the queue is empty; returns their bodies in order. */
    public static List<String> getAll(Channel channel, String queue) {
        return Stream.generate(() -> channel.get(queue, true))
                .takeWhile(Optional::isPresent)
                .map(delivery -> text(delivery.orElseThrow()))
                .toList();
    }

    /** The body as UTF-8 text. */
    public static String text(Delivery delivery) {
        return new String(delivery.body(), UTF_8);
    }
}
