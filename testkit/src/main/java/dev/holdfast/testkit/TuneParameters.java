package dev.holdfast.testkit;

/**
 * Limits that a {@link DiscardingBroker} proposes in connection.tune; 0 means no limit, or no heartbeats.
 *
 * @param channelMax the highest channel number, 0 to 65535
 * @param frameMax the largest frame in bytes, including 8 bytes of frame header and frame end: 0, or at least 4096
 * @param heartbeatSeconds seconds between heartbeats, 0 to 65535
 */
public record TuneParameters(int channelMax, int frameMax, int heartbeatSeconds) {
    /** The values that RabbitMQ proposes: 2047 channels, frames of 128 KiB, heartbeats every 60 seconds. */
    public static final TuneParameters DEFAULT = new TuneParameters(2047, 131_072, 60);

    /** Checks the ranges. */
    public TuneParameters {
        require("channel max", channelMax, 0, 65_535);
        require("heartbeat", heartbeatSeconds, 0, 65_535);
        if (frameMax != 0) {
            require("frame max", frameMax, 4096, Integer.MAX_VALUE);
        }
    }

    private static void require(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}
