package dev.holdfast.cli.consume;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.SerializationException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Prints the messages of a queue and acknowledges them once they are written, in batches as large as the number of
 * waiting deliveries, up to 125. Messages that cannot be printed stay unacknowledged. Not thread-safe.
 */
final class QueuePrinter {
    private static final int PREFETCH = 500;
    private static final int BATCH = 125;
    private static final int BUFFER = 1 << 16;

    private final Channel channel;
    private final MessageFormatter formatter;
    private final OutputStream target;
    private final BufferedOutputStream out;
    private final UndecodedMessages undecoded;
    private final DeliveryQueue deliveries = new DeliveryQueue();
    private long printed;

    QueuePrinter(Channel channel, MessageFormatter formatter, UndecodedMessages undecoded, OutputStream target) {
        this.channel = channel;
        this.formatter = formatter;
        this.undecoded = undecoded;
        this.target = target;
        this.out = new BufferedOutputStream(target, BUFFER);
    }

    /** Returns whether the broker cancelled the consumer. */
    boolean cancelled() {
        return deliveries.cancelled();
    }

    /**
     * Consumes until {@code maxMessages} messages are printed or undecoded, no message arrives within the idle timeout,
     * the broker cancels the consumer, the output cannot be written, or the undecoded messages fill the prefetch, so
     * that the broker sends no more.
     *
     * @param idleTimeout null to wait without limit
     * @return the number of printed messages
     */
    long run(String queue, long maxMessages, @Nullable Duration idleTimeout) throws InterruptedException, IOException {
        int prefetch = (int) Math.min(PREFETCH, maxMessages);
        String tag = channel.consume(queue, ConsumeOptions.defaults().prefetch(prefetch), deliveries);
        List<Delivery> batch = new ArrayList<>(BATCH);
        for (long remaining = maxMessages;
                remaining > 0 && undecoded.unacknowledged() < PREFETCH;
                remaining = maxMessages - printed - undecoded.unacknowledged()) {
            int max = (int) Math.min(BATCH, remaining);
            deliveries.drainTo(batch, max);
            if (batch.isEmpty()) {
                Delivery next = deliveries.await(idleTimeout);
                if (next == null) {
                    return printed;
                }
                batch.add(next);
                deliveries.drainTo(batch, max - 1);
            }
            if (!printBatch(batch)) {
                return printed;
            }
            acknowledge(batch);
            batch.clear();
        }
        channel.cancel(tag);
        return printed;
    }

    /**
     * Prints a batch and removes the undecoded messages from it. Returns false if the output is closed, as by
     * {@code head}; the batch then does not count as printed.
     */
    private boolean printBatch(List<Delivery> batch) {
        try {
            for (Iterator<Delivery> iterator = batch.iterator(); iterator.hasNext(); ) {
                byte[] line = line(iterator.next());
                if (line == null) {
                    iterator.remove();
                } else {
                    out.write(line);
                    out.write('\n');
                }
            }
            out.flush();
            target.flush();
            printed += batch.size();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private byte @Nullable [] line(Delivery delivery) {
        undecoded.received(delivery);
        try {
            return formatter.format(delivery);
        } catch (SerializationException | IOException e) {
            undecoded.report(delivery, e);
            return null;
        }
    }

    /** Acknowledges with {@code multiple}, unless that would include an undecoded message. */
    private void acknowledge(List<Delivery> batch) {
        if (batch.isEmpty()) {
            return;
        }
        if (undecoded.unacknowledged() == 0) {
            acknowledge(channel::ackMultiple, batch.get(batch.size() - 1));
        } else {
            batch.forEach(delivery -> acknowledge(channel::ack, delivery));
        }
    }

    private static void acknowledge(Consumer<Delivery> ack, Delivery delivery) {
        try {
            ack.accept(delivery);
        } catch (AmqpChannelException e) {
            // The link of the delivery is lost. The broker redelivers unacknowledged messages.
        }
    }
}
