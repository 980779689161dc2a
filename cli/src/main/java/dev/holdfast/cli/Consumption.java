package dev.holdfast.cli;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prints the messages of a queue, and acknowledges them once they are written: many at a time while they come fast, at once
 * when none waits. One thread.
 */
final class Consumption {
    private static final int PREFETCH = 500;
    private static final int BATCH = 125;
    private static final int BUFFER = 1 << 16;

    private final Channel channel;
    private final MessagePrinter printer;
    private final OutputStream target;
    private final BufferedOutputStream out;
    private final Inbox inbox = new Inbox();
    private long printed;

    Consumption(Channel channel, MessagePrinter printer, OutputStream target) {
        this.channel = channel;
        this.printer = printer;
        this.target = target;
        this.out = new BufferedOutputStream(target, BUFFER);
    }

    /** Whether the broker ended it. */
    boolean cancelled() {
        return inbox.cancelled();
    }

    /**
     * Runs until so many are printed, none came for so long, the broker ends it, or nobody reads what is printed.
     *
     * @return how many were printed
     */
    long run(String queue, long wanted, @Nullable Duration idle) throws InterruptedException, IOException {
        int prefetch = (int) Math.min(PREFETCH, wanted);
        String tag = channel.consume(queue, ConsumeOptions.defaults().prefetch(prefetch), inbox);
        List<Delivery> batch = new ArrayList<>(BATCH);
        while (printed < wanted) {
            int most = (int) Math.min(BATCH, wanted - printed);
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
            acknowledge(batch.get(batch.size() - 1));
            batch.clear();
        }
        channel.cancel(tag);
        return printed;
    }

    /** Prints a batch; false when its reader has gone, as {@code head} does: then none of it counts. */
    private boolean print(List<Delivery> batch) {
        try {
            for (Delivery delivery : batch) {
                printer.print(delivery, out);
            }
            out.flush();
            target.flush();
            printed += batch.size();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void acknowledge(Delivery last) {
        try {
            channel.ackMultiple(last);
        } catch (AmqpChannelException e) {
            // Its link was lost: the broker delivers again what was not acknowledged.
        }
    }
}
