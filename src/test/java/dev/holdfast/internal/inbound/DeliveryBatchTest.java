package dev.holdfast.internal.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeliveryBatchTest {
    private final DeliveryBacklog backlog = new DeliveryBacklog(Runnable::run, new AutoRead(), 1 << 20, () -> false);
    private final DeliveryBatch batch = new DeliveryBatch(1, backlog);

    @Test
    void exceptionAndInterruptOfAHandlerDoNotAffectTheNext() {
        List<Boolean> interrupted = new ArrayList<>();
        batch.add(
                delivery -> {
                    throw new StackOverflowError("thrown by the handler");
                },
                delivery(1),
                0);
        batch.add(
                delivery -> {
                    throw new InterruptedException("thrown by the handler");
                },
                delivery(2),
                0);
        batch.add(delivery -> interrupted.add(Thread.currentThread().isInterrupted()), delivery(3), 0);
        assertThat(batch.runTurn()).isFalse();
        assertThat(Thread.interrupted())
                .as("the interrupt is restored for the owner of the thread")
                .isTrue();
        assertThat(interrupted).containsExactly(false);
    }

    @Test
    void fullBatchIsHandledInOrderAndInTurns() {
        List<Long> handled = new ArrayList<>();
        int size = 1;
        while (!batch.add(delivery -> handled.add(delivery.deliveryTag()), delivery(size), 0)) {
            size++;
        }
        assertThat(size).isEqualTo(DeliveryBatch.MAX_SIZE);
        assertThat(batch.runTurn()).isTrue();
        assertThat(handled).as("other work has its turn").hasSizeLessThan(size);
        while (batch.runTurn()) {
            assertThat(handled).isSorted();
        }
        assertThat(handled).hasSize(size).isSorted();
    }

    /** A turn may consist of a hundred large messages, each handled slowly. */
    @Test
    void backlogIsUpdatedWithinATurn() {
        List<Runnable> resumed = new ArrayList<>();
        DeliveryBacklog limited = new DeliveryBacklog(resumed::add, new AutoRead(), 600 << 10, () -> false);
        DeliveryBatch large = new DeliveryBatch(3, limited);
        List<Integer> resumedBefore = new ArrayList<>();
        for (int tag = 1; tag <= 3; tag++) {
            large.add(delivery -> resumedBefore.add(resumed.size()), delivery(tag, new byte[256 << 10]), 0);
        }
        limited.added(large.bytes());
        assertThat(large.runTurn()).isFalse();
        assertThat(resumedBefore)
                .as("reading continues below half of the limit")
                .containsExactly(0, 0, 1);
    }

    private static Delivery delivery(long tag) {
        return delivery(tag, new byte[0]);
    }

    private static Delivery delivery(long tag, byte[] body) {
        return new Delivery("ctag", tag, false, "", "q", MessageProperties.EMPTY, body, 1, -1);
    }
}
