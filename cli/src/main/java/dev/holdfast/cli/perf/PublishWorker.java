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
 * One publishing thread. It keeps the futures of its unconfirmed messages in a ring and looks at each when its place is
 * needed again: by then the window has seen to it that it is done, and no message costs a callback.
 *
 * <p>The thread lives until {@link #stop}, so that what it has allocated can be read.
 */
final class PublishWorker implements Runnable {
    private final int index;
    private final Producer producer;
    private final PublishOptions options;
    private final byte[][] bodies;
    private final LatencySampler sampler;
    private final AtomicReferenceArray<@Nullable CompletableFuture<Confirmation>> ring;
    private final BlockingQueue<Runnable> phases = new LinkedBlockingQueue<>();

    /** Sent in this phase, for those who watch. */
    private final AtomicLong sent = new AtomicLong();

    private long confirmed;
    private boolean stopped;

    /** @param bodies what is sent in turn: a power of two of them */
    PublishWorker(
            int index, Producer producer, PublishOptions options, byte[][] bodies, int window, LatencySampler sampler) {
        this.index = index;
        this.producer = producer;
        this.options = options;
        this.bodies = bodies;
        this.sampler = sampler;
        this.ring = new AtomicReferenceArray<>(Integer.highestOneBit(window) * 2);
    }

    /** Has the thread do its share of a phase. */
    void begin(PublishPhase phase) {
        phases.add(() -> publish(phase));
    }

    /** Lets the thread end. */
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

    /** Counts what is in a place and puts the next there. */
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
