package dev.holdfast.internal.transport;

import dev.holdfast.AmqpException;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Records the events of a link. Thread-safe. */
class RecordingLinkListener implements LinkListener {
    final CompletableFuture<AmqpException> closed = new CompletableFuture<>();
    final AtomicInteger timesClosed = new AtomicInteger();
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void frame(int type, int channel, ByteBuf in, int length) {
        events.add("frame " + type + " " + channel + " " + length);
    }

    @Override
    public void readComplete() {}

    @Override
    public void writable() {
        events.add("writable");
    }

    @Override
    public void blocked(String reason) {
        events.add("blocked " + reason);
    }

    @Override
    public void unblocked() {
        events.add("unblocked");
    }

    @Override
    public void secretUpdated() {
        events.add("secret updated");
    }

    @Override
    public void tick() {}

    @Override
    public void closed(AmqpException cause) {
        timesClosed.incrementAndGet();
        closed.complete(cause);
    }

    String next() throws InterruptedException {
        return events.poll(10, TimeUnit.SECONDS);
    }
}
