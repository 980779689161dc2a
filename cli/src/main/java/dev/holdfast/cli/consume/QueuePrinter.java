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
 * Prints the messages of a queue, and acknowledges them once they are written: many at a time while they come fast, at once
 * when none waits. What cannot be printed stays unacknowledged. One thread.
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

    /** Whether the broker ended it. */
    boolean cancelled() {
        return deliveries.cancelled();
    }

    /**
     * Runs until so many are printed or refused, none came for so long, the broker ends it, nobody reads what is printed,
     * or so many are refused that the broker sends no more.
     *
     * @return how many were printed
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

    /** Prints what can be, and leaves only that; false when its reader has gone, as {@code head} does: then none counts. */
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

    /** At one go only where that acknowledges nothing that was refused. */
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
            // Its link was lost: the broker delivers again what was not acknowledged.
        }
    }
}
