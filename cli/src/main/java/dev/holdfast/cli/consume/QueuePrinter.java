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
    private final MessageFormatter printer;
    private final OutputStream target;
    private final BufferedOutputStream out;
    private final UndecodedMessages refusals;
    private final DeliveryQueue inbox = new DeliveryQueue();
    private long printed;

    QueuePrinter(Channel channel, MessageFormatter printer, UndecodedMessages refusals, OutputStream target) {
        this.channel = channel;
        this.printer = printer;
        this.refusals = refusals;
        this.target = target;
        this.out = new BufferedOutputStream(target, BUFFER);
    }

    /** Whether the broker ended it. */
    boolean cancelled() {
        return inbox.cancelled();
    }

    /**
     * Runs until so many are printed or refused, none came for so long, the broker ends it, nobody reads what is printed,
     * or so many are refused that the broker sends no more.
     *
     * @return how many were printed
     */
    long run(String queue, long wanted, @Nullable Duration idle) throws InterruptedException, IOException {
        int prefetch = (int) Math.min(PREFETCH, wanted);
        String tag = channel.consume(queue, ConsumeOptions.defaults().prefetch(prefetch), inbox);
        List<Delivery> batch = new ArrayList<>(BATCH);
        for (long left = wanted; left > 0 && refusals.held() < PREFETCH; left = wanted - printed - refusals.held()) {
            int most = (int) Math.min(BATCH, left);
            inbox.drainTo(batch, most);
            if (batch.isEmpty()) {
                Delivery next = inbox.await(idle);
                if (next == null) {
                    return printed;
                }
                batch.add(next);
                inbox.drainTo(batch, most - 1);
            }
            if (!print(batch)) {
                return printed;
            }
            acknowledge(batch);
            batch.clear();
        }
        channel.cancel(tag);
        return printed;
    }

    /** Prints what can be, and leaves only that; false when its reader has gone, as {@code head} does: then none counts. */
    private boolean print(List<Delivery> batch) {
        try {
            for (Iterator<Delivery> all = batch.iterator(); all.hasNext(); ) {
                byte[] line = line(all.next());
                if (line == null) {
                    all.remove();
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
        refusals.arrived(delivery);
        try {
            return printer.line(delivery);
        } catch (SerializationException | IOException e) {
            refusals.add(delivery, e);
            return null;
        }
    }

    /** At one go only where that acknowledges nothing that was refused. */
    private void acknowledge(List<Delivery> batch) {
        if (batch.isEmpty()) {
            return;
        }
        if (refusals.held() == 0) {
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
