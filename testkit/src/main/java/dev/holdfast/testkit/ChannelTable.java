package dev.holdfast.testkit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The open channels of one connection, by number. */
final class ChannelTable {
    private @Nullable ServerChannel[] open = new @Nullable ServerChannel[16];

    @Nullable
    ServerChannel find(int number) {
        return number < open.length ? open[number] : null;
    }

    ServerChannel require(int number) throws ProtocolViolationException {
        ServerChannel channel = find(number);
        if (channel == null) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.CHANNEL_ERROR,
                    "CHANNEL_ERROR - expected 'channel.open' on channel " + number);
        }
        return channel;
    }

    void open(int number) throws ProtocolViolationException {
        if (number == 0 || find(number) != null) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.CHANNEL_ERROR,
                    "CHANNEL_ERROR - second 'channel.open' on channel " + number);
        }
        if (number >= open.length) {
            open = Arrays.copyOf(open, Math.max(number + 1, open.length * 2));
        }
        open[number] = new ServerChannel(number);
    }

    void close(int number) {
        ServerChannel channel = find(number);
        if (channel != null) {
            channel.streams.values().forEach(DeliveryStream::stop);
            open[number] = null;
        }
    }
}
