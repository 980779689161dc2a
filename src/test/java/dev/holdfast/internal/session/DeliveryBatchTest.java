package dev.holdfast.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeliveryBatchTest {
    private final Backlog backlog = new Backlog(Runnable::run, 1 << 20, () -> false);
    private final DeliveryBatch batch = new DeliveryBatch(1, backlog);

    @Test
    void whatOneHandlerThrowsOrAnInterruptOfItIsNoBusinessOfTheNext() {
        List<Boolean> interrupted = new ArrayList<>();
        batch.add(
                delivery -> {
                    throw new StackOverflowError("of the handler's own");
                },
                delivery(1));
        batch.add(
                delivery -> {
                    throw new InterruptedException("of the handler's own");
                },
                delivery(2));
        batch.add(delivery -> interrupted.add(Thread.currentThread().isInterrupted()), delivery(3));
        assertThat(batch.turn()).isFalse();
        assertThat(Thread.interrupted())
                .as("the interrupt is there for the thread's owner")
                .isTrue();
        assertThat(interrupted).containsExactly(false);
    }

    @Test
    void isFullInTimeAndKeepsTheOrder() {
        List<Long> handled = new ArrayList<>();
        int size = 1;
        while (!batch.add(delivery -> handled.add(delivery.deliveryTag()), delivery(size))) {
            size++;
        }
        assertThat(size).isEqualTo(DeliveryBatch.MOST);
        assertThat(batch.turn()).isTrue();
        assertThat(handled).as("others have their turn").hasSizeLessThan(size);
        while (batch.turn()) {
            assertThat(handled).isSorted();
        }
        assertThat(handled).hasSize(size).isSorted();
    }

    private static Delivery delivery(long tag) {
        return new Delivery("ctag", tag, false, "", "q", MessageProperties.EMPTY, new byte[0], 1, -1);
    }
}
