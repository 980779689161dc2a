package dev.holdfast.internal.channel;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.publish.Publisher;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The session's channels: all that live, and which number each has on the present link.
 *
 * <p>Event loop only.
 */
public final class ChannelTable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final List<RecoveringChannel> all = new ArrayList<>();
    private final BitSet used = new BitSet();
    private @Nullable WireChannel[] byNumber = new WireChannel[16];
    private int most;

    /** The channel of the last frame: it may have put something off until the next is another's, or the read is over. */
    private @Nullable WireChannel busy;

    /** Every channel that is not closed for good. */
    public List<RecoveringChannel> all() {
        return List.copyOf(all);
    }

    /** The publishers of all channels that have one. */
    public List<Publisher> publishers() {
        List<Publisher> publishers = new ArrayList<>();
        for (RecoveringChannel channel : all) {
            Publisher known = channel.wire().publisher();
            if (known != null) {
                publishers.add(known);
            }
        }
        return publishers;
    }

    /** Whether one of them waits for the broker's answer. */
    public boolean awaitsReply() {
        return all.stream().anyMatch(channel -> channel.wire().awaitsReply());
    }

    /** Whether one of them waits for more than confirms: an answer, or deliveries. Asked before every rest: no stream. */
    public boolean awaitsMore() {
        for (RecoveringChannel channel : all) {
            if (channel.wire().awaitsReply() || !channel.wire().consumers().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** What is at the broker of the publisher that has the least there; 0: nothing, or there is none. Needs the log's lock. */
    public long leastAtBroker() {
        long least = Long.MAX_VALUE;
        for (RecoveringChannel channel : all) {
            Publisher publisher = channel.wire().publisher();
            if (publisher != null) {
                least = Math.min(least, publisher.atBroker());
            }
        }
        return least == Long.MAX_VALUE ? 0 : least;
    }

    public void add(RecoveringChannel channel) {
        all.add(channel);
    }

    public void remove(RecoveringChannel channel) {
        all.remove(channel);
    }

    /** A new link: no number is in use, and {@code most} is the highest that may be. */
    public void reset(int most) {
        this.most = most;
        used.clear();
        Arrays.fill(byNumber, null);
    }

    /** Gives the channel the lowest free number, or 0 where none is left. */
    public int number(RecoveringChannel channel) {
        int number = used.nextClearBit(1);
        if (number > most) {
            return 0;
        }
        used.set(number);
        if (number >= byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, Math.max(number + 1, byNumber.length * 2));
        }
        byNumber[number] = channel.wire();
        return number;
    }

    public void free(int number) {
        used.clear(number);
        byNumber[number] = null;
    }

    /** The highest number that may be used on this link. */
    public int most() {
        return most;
    }

    /** Hands a frame to its channel. */
    public void dispatch(int type, int number, ByteBuf in, int length) {
        WireChannel channel = number < byNumber.length ? byNumber[number] : null;
        if (channel != busy) {
            settle();
            busy = channel;
        }
        if (channel == null) {
            throw new AmqpProtocolException(
                    "frame for channel " + number + " (expected: a channel that is open)",
                    ReplyCode.CHANNEL_ERROR,
                    null);
        }
        channel.frame(type, in, length);
    }

    /** The link is lost: what the broker said before counts, unless it is what the link went for. */
    public void settleLast() {
        try {
            settle();
        } catch (AmqpException e) {
            LOG.log(System.Logger.Level.DEBUG, "the last frames of a link that is lost are ignored", e);
        }
    }

    /** What was put off while frames came is done: no more come at once. */
    public void settle() {
        WireChannel channel = busy;
        busy = null;
        if (channel != null) {
            channel.settle();
        }
    }
}
