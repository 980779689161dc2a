package dev.holdfast.internal.channel;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.outbound.Segment;
import dev.holdfast.internal.outbound.UnconfirmedBytes;
import dev.holdfast.internal.protocol.Method;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/**
 * Appends to the outbound log what any thread may send on an open channel: methods without a reply, and publishes
 * without a confirm.
 */
public final class ChannelWriter {
    private final LinkHolder link;
    private final OutboundLog log;
    private final ConnectionOptions options;

    /**
     * The epoch of the channel's present opening, 0 while it is not open. Written under the log's lock, as are the
     * fields below.
     */
    private volatile long openEpoch;

    /** As {@link #openEpoch}, but already while the channel is set up: deliveries may arrive and be acknowledged. */
    private volatile long liveEpoch;

    private int number;
    private boolean confirms;

    ChannelWriter(LinkHolder link, OutboundLog log, ConnectionOptions options) {
        this.link = link;
        this.log = log;
        this.options = options;
    }

    long openEpoch() {
        return openEpoch;
    }

    /** The epoch of the opening whose deliveries can be acknowledged, 0 for none. Any thread. */
    long liveEpoch() {
        return liveEpoch;
    }

    /** The channel is open under this number of the current link, and not set up yet. Event loop only. */
    void opened(int channelNumber, long epoch) {
        locked(() -> {
            number = channelNumber;
            liveEpoch = epoch;
        });
    }

    /** The channel is set up. Event loop only. */
    void ready(long epoch) {
        locked(() -> openEpoch = epoch);
    }

    /** Sends nothing until the next {@link #opened}. */
    void close() {
        locked(() -> {
            openEpoch = 0;
            liveEpoch = 0;
        });
    }

    /** Refuses publishes from now on: those of the channel go through its publisher. */
    void confirms() {
        locked(() -> confirms = true);
    }

    private void locked(Runnable change) {
        log.lock();
        try {
            change.run();
        } finally {
            log.unlock();
        }
    }

    /**
     * Sends a method without a reply if the opening of the channel is still that of this epoch. Any thread.
     *
     * @return false if it is not; nothing was sent
     */
    public boolean send(Method method, long epoch) {
        ByteBuf frame = log.newFrame(64);
        log.lock();
        try {
            if (liveEpoch != epoch || epoch == 0) {
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
     * Publishes without a confirm, in order with the other methods of the channel. Blocks while the log admits no more
     * bytes. Any thread.
     *
     * @return false if the channel is not open; nothing was sent
     */
    boolean publish(PublishTemplate template, byte[] body) {
        boolean wake;
        log.lock();
        try {
            awaitRoom();
            if (confirms) {
                throw new IllegalStateException(
                        "channel: in confirm mode (expected: publish through the Producer that confirms on it)");
            }
            if (openEpoch == 0 || log.link() == null) {
                return false;
            }
            int frameMax = link.frameMax();
            if (template.largestFrame() > frameMax) {
                throw new IllegalArgumentException("content header: " + template.largestFrame()
                        + " bytes (expected: <= " + frameMax + ", the frame size agreed with the broker)");
            }
            int length = Math.toIntExact(template.encodedLength(body.length, frameMax));
            Segment segment = log.segments().reserve(length);
            template.encode(segment.appendBuffer(), number, body, frameMax);
            wake = log.appended();
        } finally {
            log.unlock();
        }
        if (wake) {
            log.schedule();
        }
        return true;
    }

    private void awaitRoom() {
        if (log.bytes().admitsWithoutConfirm()) {
            return;
        }
        long nanos = TimeUnit.MILLISECONDS.toNanos(options.rpcTimeout().toMillis());
        try {
            if (EventLoopCalls.isOnGroupOf(link.loop()) || !log.awaitWithoutConfirm(nanos)) {
                throw new AmqpTimeoutException("basic.publish: more than " + UnconfirmedBytes.MIN_QUEUED_BYTES
                        + " bytes are not sent yet, and no more are admitted (ConnectionOptions.maxUnconfirmedBytes: "
                        + options.maxUnconfirmedBytes() + "); nothing was sent");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AmqpTimeoutException("basic.publish: interrupted while waiting for room, nothing was sent");
        }
    }
}
