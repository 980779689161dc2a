package dev.holdfast.internal.session;

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
final class ChannelTable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final List<LogicalChannel> all = new ArrayList<>();
    private final BitSet used = new BitSet();
    private @Nullable SessionChannel[] byNumber = new SessionChannel[16];
    private int most;

    /** The channel of the last frame: it may have put something off until the next is another's, or the read is over. */
    private @Nullable SessionChannel busy;

    /** Every channel that is not closed for good. */
    List<LogicalChannel> all() {
        return List.copyOf(all);
    }

    /** The publishers of all channels that have one. */
    List<Publisher> publishers() {
        List<Publisher> publishers = new ArrayList<>();
        for (LogicalChannel channel : all) {
            Publisher known = channel.publisherIfAny();
            if (known != null) {
                publishers.add(known);
            }
        }
        return publishers;
    }

    /** Whether one of them waits for the broker's answer. */
    boolean awaitsReply() {
        return all.stream().anyMatch(channel -> channel.wire().awaitsReply());
    }

    /** Whether one of them waits for more than confirms: an answer, or deliveries. Asked before every rest: no stream. */
    boolean awaitsMore() {
        for (LogicalChannel channel : all) {
            if (channel.wire().awaitsReply() || !channel.consumers().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** What is at the broker of the publisher that has the least there; 0: nothing, or there is none. Needs the log's lock. */
    long leastAtBroker() {
        long least = Long.MAX_VALUE;
        for (LogicalChannel channel : all) {
            Publisher publisher = channel.publisherIfAny();
            if (publisher != null) {
                least = Math.min(least, publisher.atBroker());
            }
        }
        return least == Long.MAX_VALUE ? 0 : least;
    }

    void add(LogicalChannel channel) {
        all.add(channel);
    }

    void remove(LogicalChannel channel) {
        all.remove(channel);
    }

    /** A new link: no number is in use, and {@code most} is the highest that may be. */
    void reset(int most) {
        this.most = most;
        used.clear();
        Arrays.fill(byNumber, null);
    }

    /** Gives the channel the lowest free number, or 0 where none is left. */
    int number(LogicalChannel channel) {
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

    void free(int number) {
        used.clear(number);
        byNumber[number] = null;
    }

    /** The highest number that may be used on this link. */
    int most() {
        return most;
    }

    /** Hands a frame to its channel. */
    void dispatch(int type, int number, ByteBuf in, int length) {
        SessionChannel channel = number < byNumber.length ? byNumber[number] : null;
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
    void settleLast() {
        try {
            settle();
        } catch (AmqpException e) {
            LOG.log(System.Logger.Level.DEBUG, "the last frames of a link that is lost are ignored", e);
        }
    }

    /** What was put off while frames came is done: no more come at once. */
    void settle() {
        SessionChannel channel = busy;
        busy = null;
        if (channel != null) {
            channel.settle();
        }
    }
}
