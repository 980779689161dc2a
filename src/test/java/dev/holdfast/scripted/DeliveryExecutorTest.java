package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.PublishOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An executor of deliveries that throws Errors. */
class DeliveryExecutorTest {
    /** Other traffic goes on meanwhile, and the deliveries keep their order. */
    @Test
    void deliveriesWaitForAnExecutorThatCannotStartAThread() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        List<Long> tags = new ArrayList<>();
        CountDownLatch handled = new CountDownLatch(100);
        try (ServingBroker broker = ServingBroker.start()) {
            broker.deliveries(100);
            ConnectionOptions options = broker.options().deliveryExecutor(task -> {
                if (attempts.getAndIncrement() == 0) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                pool.execute(task);
            });
            try (Connection connection = Connection.open(options);
                    Channel channel = connection.channel()) {
                String unused = channel.consume("q", delivery -> {
                    tags.add(delivery.deliveryTag());
                    handled.countDown();
                });
                assertThat(connection.producer().publish("neighbour", PublishOptions.to("", "q")))
                        .isEqualTo(Confirmation.ONE);
                assertThat(handled.await(20, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(tags).hasSize(100).isSorted();
            assertThat(broker.connections()).isEqualTo(1);
        } finally {
            pool.shutdownNow();
        }
    }
}
