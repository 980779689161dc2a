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
 * The channels of a session and their numbers on the current link. Dispatches received frames to them.
 *
 * <p>Event loop only.
 */
public final class ChannelTable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final List<RecoveringChannel> all = new ArrayList<>();
    private final BitSet usedNumbers = new BitSet();
    private @Nullable WireChannel[] byNumber = new WireChannel[16];
    private int maxNumber;

    /**
     * The channel of the last frame, which may defer work until a frame of another channel or the end of the read.
     */
    private @Nullable WireChannel deferredChannel;

    /** Every channel that is not closed, or is closed and not removed yet. */
    public List<RecoveringChannel> all() {
        return List.copyOf(all);
    }

    /** The number of channels in {@link #all()}. */
    public int size() {
        return all.size();
    }

    /** The publishers of all channels that have one. */
    public List<Publisher> publishers() {
        List<Publisher> publishers = new ArrayList<>();
        for (RecoveringChannel channel : all) {
            Publisher publisher = channel.wire().publisher();
            if (publisher != null) {
                publishers.add(publisher);
            }
        }
        return publishers;
    }

    /** Whether a channel waits for a reply of the broker. */
    public boolean awaitsReply() {
        return all.stream().anyMatch(channel -> channel.wire().awaitsReply());
    }

    /** Whether a channel waits for a link: it has consumers, calls or messages without an outcome. */
    public boolean awaitsLink() {
        return all.stream().anyMatch(channel -> channel.wire().awaitsLink());
    }

    /** Whether a channel expects more than confirms: a reply or deliveries. Called before every pause: no stream. */
    public boolean expectsMoreThanConfirms() {
        for (RecoveringChannel channel : all) {
            if (channel.wire().awaitsReply() || !channel.wire().consumers().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** The smallest number of unconfirmed messages of any publisher; 0 without a publisher. Needs the log's lock. */
    public long minUnconfirmed() {
        long min = Long.MAX_VALUE;
        for (RecoveringChannel channel : all) {
            Publisher publisher = channel.wire().publisher();
            if (publisher != null) {
                min = Math.min(min, publisher.atBroker());
            }
        }
        return min == Long.MAX_VALUE ? 0 : min;
    }

    /** Adds a channel, without a number. */
    public void add(RecoveringChannel channel) {
        all.add(channel);
    }

    /** Removes a channel; its number is freed separately. */
    public void remove(RecoveringChannel channel) {
        all.remove(channel);
    }

    /** Frees all numbers for a new link, on which {@code channelMax} is the highest. */
    public void reset(int channelMax) {
        maxNumber = channelMax;
        usedNumbers.clear();
        Arrays.fill(byNumber, null);
    }

    /** Gives the channel the lowest free number. Returns that number, or 0 if all are in use. */
    public int assignNumber(RecoveringChannel channel) {
        int number = usedNumbers.nextClearBit(1);
        if (number > maxNumber) {
            return 0;
        }
        usedNumbers.set(number);
        if (number >= byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, Math.max(number + 1, byNumber.length * 2));
        }
        byNumber[number] = channel.wire();
        return number;
    }

    /** Frees a number. */
    public void free(int number) {
        usedNumbers.clear(number);
        byNumber[number] = null;
    }

    /** The highest channel number on the current link. */
    public int maxNumber() {
        return maxNumber;
    }

    /** Passes a frame to the channel of this number. */
    public void dispatch(int type, int number, ByteBuf in, int length) {
        WireChannel channel = number < byNumber.length ? byNumber[number] : null;
        if (channel != deferredChannel) {
            flushDeferred();
            deferredChannel = channel;
        }
        if (channel == null) {
            throw new AmqpProtocolException(
                    "frame for channel " + number + " (expected: a channel that is open)",
                    ReplyCode.CHANNEL_ERROR,
                    null);
        }
        channel.frame(type, in, length);
    }

    /** Does the deferred work of frames received before the link was lost; ignores a protocol error in them. */
    public void flushAfterLinkLoss() {
        try {
            flushDeferred();
        } catch (AmqpException e) {
            LOG.log(System.Logger.Level.DEBUG, "the last frames of a lost link are ignored", e);
        }
    }

    /** Lets the channel of the last frame do its deferred work: the read is over. */
    public void flushDeferred() {
        WireChannel channel = deferredChannel;
        deferredChannel = null;
        if (channel != null) {
            channel.flushDeferred();
        }
    }
}
