package dev.holdfast.internal.channel;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.outbound.SegmentLog;
import dev.holdfast.internal.protocol.Method;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;

/** What any thread may send on a channel while it is open: methods that nobody answers, and publishes without a confirm. */
public final class ChannelWriter {
    private final ChannelContext host;

    /** The link on which the channel is open, 0 for none. Written under the log's lock, as are those below. */
    private volatile long openOn;

    private int number;
    private boolean confirms;

    ChannelWriter(ChannelContext host) {
        this.host = host;
    }

    long openOn() {
        return openOn;
    }

    /** The channel is set up under this number of the present link. Event loop. */
    void open(int channel) {
        locked(() -> {
            number = channel;
            openOn = host.epoch();
        });
    }

    /** From here on nothing goes out. */
    void close() {
        locked(() -> openOn = 0);
    }

    /** Publishes go through a publisher from here on. */
    void confirms() {
        locked(() -> confirms = true);
    }

    private void locked(Runnable change) {
        host.log().lock();
        try {
            change.run();
        } finally {
            host.log().unlock();
        }
    }

    /**
     * Sends a method without a reply if the channel is still open on that link. Any thread.
     *
     * @return false if it is not, and nothing was sent
     */
    public boolean send(Method method, long epoch) {
        ByteBuf frame = Unpooled.buffer(64);
        OutboundLog log = host.log();
        log.lock();
        try {
            if (openOn != epoch || epoch == 0) {
                frame.release();
                return false;
            }
            FrameFormat.writeMethod(frame, number, method);
            return log.append(frame);
        } finally {
            log.unlock();
        }
    }

    /**
     * Publishes without a confirm, in the order of the channel's other methods; waits while more than the window's bytes
     * are on their way. Any thread. False: not open.
     */
    boolean publish(PublishTemplate template, byte[] body) {
        OutboundLog log = host.log();
        boolean wake;
        log.lock();
        try {
            awaitRoom(log);
            if (confirms) {
                throw new IllegalStateException(
                        "channel: in confirm mode (expected: publish through the Producer that confirms on it)");
            }
            if (openOn == 0) {
                return false;
            }
            int frameMax = host.frameMax();
            if (template.largestFrame() > frameMax) {
                throw new IllegalArgumentException("content header: " + template.largestFrame()
                        + " bytes (expected: <= " + frameMax + ", the frame size agreed with the broker)");
            }
            int length = Math.toIntExact(template.encodedLength(body.length, frameMax));
            template.encode(log.segments().reserve(length).appendBuffer(), number, body, frameMax);
            wake = log.appended();
        } finally {
            log.unlock();
        }
        if (wake) {
            log.schedule();
        }
        return true;
    }

    private void awaitRoom(OutboundLog log) {
        long limit = Math.max(host.options().maxUnconfirmedBytes(), SegmentLog.MIN_RETAINED_BYTES);
        if (log.segments().retainedBytes() <= limit) {
            return;
        }
        long millis = host.options().rpcTimeout().toMillis();
        try {
            if (host.loop().inEventLoop() || !log.awaitRetained(limit, TimeUnit.MILLISECONDS.toNanos(millis))) {
                throw new AmqpTimeoutException("basic.publish: more than " + limit
                        + " bytes are on their way (ConnectionOptions.maxUnconfirmedBytes, "
                        + SegmentLog.MIN_RETAINED_BYTES
                        + " at the least), nothing was sent");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AmqpTimeoutException("basic.publish: interrupted while waiting for room, nothing was sent");
        }
    }
}
