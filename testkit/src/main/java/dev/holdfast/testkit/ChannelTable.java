package dev.holdfast.testkit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The open channels of one connection, by channel number. */
final class ChannelTable {
    private @Nullable ServerChannel[] channels = new @Nullable ServerChannel[16];

    @Nullable
    ServerChannel find(int number) {
        return number < channels.length ? channels[number] : null;
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
        if (number >= channels.length) {
            channels = Arrays.copyOf(channels, Math.max(number + 1, channels.length * 2));
        }
        channels[number] = new ServerChannel(number);
    }

    void close(int number) {
        ServerChannel channel = find(number);
        if (channel != null) {
            channel.streams.values().forEach(DeliveryStream::stop);
            channels[number] = null;
        }
    }
}
