package dev.holdfast.testkit;

/**
 * What a {@link DiscardingBroker} proposes in connection.tune; 0 means no limit, or no heartbeats.
 *
 * @param channelMax the highest channel number, 0 to 65535
 * @param frameMax the longest frame in bytes, its 8 bytes of frame included: 0, or at least 4096
 * @param heartbeatSeconds seconds between heartbeats, 0 to 65535
 */
public record TuneParameters(int channelMax, int frameMax, int heartbeatSeconds) {
    /** What RabbitMQ proposes: 2047 channels, frames of 128 KiB, heartbeats every 60 seconds. */
    public static final TuneParameters DEFAULT = new TuneParameters(2047, 131_072, 60);

    /** Checks the ranges. */
    public TuneParameters {
        require("channel max", channelMax, 0, 65_535);
        require("heartbeat", heartbeatSeconds, 0, 65_535);
        if (frameMax != 0) {
            require("frame max", frameMax, 4096, Integer.MAX_VALUE);
        }
    }

    private static void require(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }
}
