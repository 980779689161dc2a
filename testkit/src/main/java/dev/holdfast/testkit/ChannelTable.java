package dev.holdfast.testkit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The open channels of one connection, by number. */
final class ChannelTable {
    private @Nullable PublishChannel[] open = new @Nullable PublishChannel[16];

    @Nullable
    PublishChannel find(int number) {
        return number < open.length ? open[number] : null;
    }

    PublishChannel require(int number) throws Violation {
        PublishChannel channel = find(number);
        if (channel == null) {
            throw new Violation(
                    Violation.CHANNEL_ERROR, "CHANNEL_ERROR - expected 'channel.open' on channel " + number);
        }
        return channel;
    }

    void open(int number) throws Violation {
        if (number == 0 || find(number) != null) {
            throw new Violation(Violation.CHANNEL_ERROR, "CHANNEL_ERROR - second 'channel.open' on channel " + number);
        }
        if (number >= open.length) {
            open = Arrays.copyOf(open, Math.max(number + 1, open.length * 2));
        }
        open[number] = new PublishChannel(number);
    }

    void close(int number) {
        PublishChannel channel = find(number);
        if (channel != null) {
            channel.streams.values().forEach(DeliveryStream::stop);
            open[number] = null;
        }
    }
}
