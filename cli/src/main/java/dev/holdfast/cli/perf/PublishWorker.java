package dev.holdfast.cli.perf;

import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The task of a publishing thread. Futures of unconfirmed messages are kept in a ring that is larger than the confirm
 * window and are joined when their slot is reused. The window ensures that they are complete by then, so that no
 * message needs a callback.
 *
 * <p>The thread lives until {@link #stop}, so that its allocated bytes can be read.
 */
final class PublishWorker implements Runnable {
    private final int index;
    private final Producer producer;
    private final PublishOptions options;
    private final byte[][] bodies;
    private final LatencySampler sampler;
    private final AtomicReferenceArray<@Nullable CompletableFuture<Confirmation>> ring;
    private final BlockingQueue<Runnable> phases = new LinkedBlockingQueue<>();

    /** Messages sent in this phase, read by the monitoring thread. */
    private final AtomicLong sent = new AtomicLong();

    private long confirmed;
    private boolean stopped;

    /** @param bodies bodies sent in turn; their number is a power of two */
    PublishWorker(
            int index, Producer producer, PublishOptions options, byte[][] bodies, int window, LatencySampler sampler) {
        this.index = index;
        this.producer = producer;
        this.options = options;
        this.bodies = bodies;
        this.sampler = sampler;
        this.ring = new AtomicReferenceArray<>(Integer.highestOneBit(window) * 2);
    }

    /** Queues the share of this thread in a phase. */
    void begin(PublishPhase phase) {
        phases.add(() -> publish(phase));
    }

    /** Ends the thread after the queued phases. */
    void stop() {
        phases.add(() -> stopped = true);
    }

    long sent() {
        return sent.get();
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                phases.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void publish(PublishPhase phase) {
        sent.set(0);
        confirmed = 0;
        try {
            send(phase, phase.share(index));
            for (int slot = 0; slot < ring.length(); slot++) {
                replace(slot, null, phase);
            }
        } catch (AmqpException | IllegalStateException e) {
            phase.fail(e);
        } finally {
            phase.threadFinished(confirmed);
        }
    }

    private void send(PublishPhase phase, long share) {
        int mask = ring.length() - 1;
        for (long i = 0; i < share && !phase.stopped(); i++) {
            boolean sampled = phase.isSampled(i);
            long due = 0;
            if (phase.hasSchedule()) {
                due = phase.awaitDue(index, i);
            } else if (sampled) {
                due = System.nanoTime();
            }
            CompletableFuture<Confirmation> future =
                    producer.publishAsync(bodies[(int) i & bodies.length - 1], options);
            if (sampled) {
                sampler.record(future, due);
            }
            replace((int) i & mask, future, phase);
            sent.lazySet(i + 1);
        }
    }

    /** Joins and counts the future in a slot, and stores the next one there. */
    private void replace(int slot, @Nullable CompletableFuture<Confirmation> next, PublishPhase phase) {
        CompletableFuture<Confirmation> previous = ring.getPlain(slot);
        ring.setPlain(slot, next);
        if (previous == null) {
            return;
        }
        try {
            Confirmation unused = previous.join();
            confirmed++;
        } catch (CompletionException e) {
            phase.fail(e.getCause() instanceof AmqpException reason ? reason : e);
        }
    }
}
