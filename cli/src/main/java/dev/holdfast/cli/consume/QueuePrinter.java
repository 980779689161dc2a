package dev.holdfast.cli.consume;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Delivery;
import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prints the messages of a queue, each with one write of its own, and acknowledges those whose write has succeeded. The
 * acknowledgement of one message may include up to 124 before it. Messages that cannot be printed stay unacknowledged.
 * Others that are left, and those of a peek, are requeued with basic.nack: RabbitMQ 4.3 does not count it for the
 * delivery limit of a quorum queue. It counts the close of a channel, and drops a message that was returned 20 times.
 *
 * <p>One thread calls {@link #run} or {@link #peek}. The other methods may be called by another one.
 */
final class QueuePrinter {
    private static final int PREFETCH = 500;
    private static final int BATCH = 125;

    private final Connection connection;
    private final Channel channel;
    private final MessageFormatter formatter;
    private final OutputStream out;
    private final UndecodedMessages undecoded;
    private final DeliveryQueue deliveries = new DeliveryQueue();

    /** Messages that are written and not acknowledged. Guarded by this object. */
    private final List<Delivery> written = new ArrayList<>(BATCH);

    private volatile @Nullable String cancelReason;
    private volatile long printed;
    private volatile @Nullable IOException outputError;

    QueuePrinter(Connection connection, MessageFormatter formatter, UndecodedMessages undecoded, OutputStream out) {
        this.connection = connection;
        this.channel = connection.channel();
        this.formatter = formatter;
        this.undecoded = undecoded;
        this.out = out;
    }

    /** Returns why the consumer was cancelled during {@link #run}; null if it was not. */
    @Nullable
    String cancelReason() {
        return cancelReason;
    }

    /** Returns the number of messages printed so far. */
    long printed() {
        return printed;
    }

    /** Returns why the output could not be written; null if it could. */
    @Nullable
    IOException outputError() {
        return outputError;
    }

    /** Ends {@link #run} or {@link #peek} before the next message. */
    void end() {
        deliveries.end();
    }

    /** Closes the connection: the broker requeues what is not acknowledged. */
    void close(Duration limit) {
        connection.close(limit);
    }

    /**
     * Consumes until {@code maxMessages} messages are printed or undecoded, no message arrives within the idle timeout,
     * the broker cancels the consumer, the output cannot be written, {@link #end} is called, or the undecoded messages
     * fill the prefetch, so that the broker sends no more.
     *
     * @param idleTimeout null to wait without limit
     */
    void run(String queue, long maxMessages, @Nullable Duration idleTimeout) throws InterruptedException {
        int prefetch = (int) Math.min(PREFETCH, maxMessages);
        String tag = channel.consume(queue, options -> options.prefetch(prefetch), deliveries);
        List<Delivery> unprinted = printAll(maxMessages, idleTimeout);
        if (cancelReason == null && connection.isOpen()) {
            channel.cancel(tag);
            deliveries.drainTo(unprinted, Integer.MAX_VALUE);
            unprinted.forEach(delivery -> settle(() -> channel.nack(delivery, true)));
        }
    }

    /** Returns the messages that were taken from the queue of deliveries and not tried. */
    private List<Delivery> printAll(long maxMessages, @Nullable Duration idleTimeout) throws InterruptedException {
        List<Delivery> batch = new ArrayList<>(BATCH);
        for (long remaining = maxMessages;
                remaining > 0 && undecoded.unacknowledged() < PREFETCH && isActive();
                remaining = maxMessages - printed - undecoded.unacknowledged()) {
            int max = (int) Math.min(BATCH, remaining);
            deliveries.drainTo(batch, max);
            if (batch.isEmpty()) {
                Delivery next = deliveries.await(idleTimeout);
                if (next == null) {
                    cancelReason = deliveries.cancelReason(); // not later: a close of the connection also cancels
                    return batch;
                }
                batch.add(next);
                deliveries.drainTo(batch, max - 1);
            }
            int tried = 0;
            while (tried < batch.size() && isActive()) {
                if (!print(batch.get(tried), true)) {
                    break;
                }
                tried++;
            }
            acknowledgeWritten();
            batch.subList(0, tried).clear();
        }
        return batch;
    }

    /**
     * Gets and prints messages without acknowledging them, until the queue has no more, {@code maxMessages} are printed
     * or undecoded, the output cannot be written, or {@link #end} is called.
     */
    void peek(String queue, long maxMessages) {
        Delivery last = null;
        while (printed + undecoded.count() < maxMessages && isActive()) {
            Optional<Delivery> next = channel.get(queue, false);
            if (next.isEmpty()) {
                break;
            }
            last = next.get();
            boolean unused = print(last, false);
        }
        Delivery all = last;
        if (all != null) {
            settle(() -> channel.nackMultiple(all, true));
        }
    }

    private boolean isActive() {
        return outputError == null && !deliveries.ended();
    }

    /**
     * Writes a message in one call: a write that fails concerns this message alone. Returns false if it failed.
     */
    private boolean print(Delivery delivery, boolean acknowledge) {
        byte[] body;
        undecoded.received(delivery);
        try {
            body = formatter.format(delivery);
        } catch (SerializationException | IOException e) {
            undecoded.report(delivery, e);
            return true;
        }
        byte[] line = Arrays.copyOf(body, body.length + 1);
        line[body.length] = '\n';
        try {
            out.write(line);
            out.flush();
        } catch (IOException e) {
            outputError = e;
            return false;
        }
        synchronized (this) {
            printed++;
            if (acknowledge) {
                written.add(delivery);
            }
        }
        return true;
    }

    /** Acknowledges what is written. Uses {@code multiple}, unless that would include an undecoded message. */
    synchronized void acknowledgeWritten() {
        if (written.isEmpty()) {
            return;
        }
        if (undecoded.unacknowledged() == 0) {
            Delivery last = written.get(written.size() - 1);
            settle(() -> channel.ackMultiple(last));
        } else {
            written.forEach(delivery -> settle(() -> channel.ack(delivery)));
        }
        written.clear();
    }

    private static void settle(Runnable method) {
        try {
            method.run();
        } catch (AmqpChannelException e) {
            // The link of the delivery is lost. The broker redelivers unacknowledged messages.
        }
    }
}
