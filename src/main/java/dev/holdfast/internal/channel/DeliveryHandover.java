package dev.holdfast.internal.channel;

import dev.holdfast.Delivery;
import dev.holdfast.internal.concurrent.SerialExecutor;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.inbound.DeliveryBatch;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands the deliveries of one channel to the delivery executor, in order: those of one read as one task.
 *
 * <p>Event loop only.
 */
final class DeliveryHandover {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final LinkHolder link;
    private final DeliveryBacklog backlog;
    private final SerialExecutor executor;

    private @Nullable DeliveryBatch batch;

    /** Batches that the executor has not accepted: it could not start a thread for the first one. */
    private final ArrayDeque<DeliveryBatch> waiting = new ArrayDeque<>();

    /** The size of the last batch, which is the initial capacity of the next. */
    private int lastBatchSize = 16;

    DeliveryHandover(LinkHolder link, DeliveryBacklog backlog, Executor executor) {
        this.link = link;
        this.backlog = backlog;
        this.executor = new SerialExecutor(executor);
    }

    /** @param propertiesBytes approximate memory of its properties, 0 if it shares them with the one before */
    void add(ChannelConsumer consumer, Delivery delivery, long propertiesBytes) {
        DeliveryBatch current = batch;
        if (current == null) {
            current = new DeliveryBatch(lastBatchSize, backlog);
            batch = current;
        }
        if (current.add(consumer, delivery, propertiesBytes)) {
            handOver();
        }
    }

    /** Runs a callback after the handlers of all deliveries so far. */
    void runAfter(Runnable callback) {
        handOver();
        backlog.run(executor, DeliveryBacklog.OVERHEAD, callback);
    }

    /** Hands the current batch over: no more deliveries follow in this read, or the batch is full. */
    void handOver() {
        DeliveryBatch filled = batch;
        if (filled == null) {
            return;
        }
        batch = null;
        lastBatchSize = filled.size();
        if (backlog.dropsDeliveries()) {
            return;
        }
        backlog.added(filled.bytes());
        waiting.add(filled);
        if (waiting.size() == 1) {
            submit();
        }
    }

    /** Submits the waiting batches in order, up to one that the executor cannot take now. */
    private void submit() {
        DeliveryBatch next;
        while ((next = waiting.peek()) != null) {
            try {
                executor.add(next);
            } catch (RuntimeException e) {
                backlog.handled(next.bytes());
                LOG.log(System.Logger.Level.WARNING, "an executor refused deliveries: they stay unacknowledged", e);
            } catch (Error e) {
                LOG.log(System.Logger.Level.WARNING, "an executor failed: it gets the deliveries again in 1 s", e);
                link.loop().schedule(this::submit, 1, TimeUnit.SECONDS);
                return;
            }
            waiting.remove();
        }
    }
}
