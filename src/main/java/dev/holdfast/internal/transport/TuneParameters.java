package dev.holdfast.internal.transport;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.ConnectionMethods;

/**
 * What both sides agreed on in connection.tune. On the wire 0 means no limit; here every number is a limit, but for a
 * heartbeat of 0, which is none.
 */
record TuneParameters(int channelMax, int frameMax, int heartbeatSeconds) {
    /** What stands for "no limit": a frame is gathered whole in memory, so there must be one. */
    static final int LARGEST_FRAME = 1 << 24;

    /** A connection publishes on one channel of its own and declares on another. */
    private static final int FEWEST_CHANNELS = 2;

    private static final int MAX_CHANNELS = 0xFFFF;

    /** The smaller wish wins; a heartbeat that the client switched off stays off. */
    static TuneParameters negotiate(ConnectionMethods.Tune server, ConnectionOptions client) {
        if (server.frameMax() != 0 && server.frameMax() < FrameFormat.MIN_FRAME_MAX) {
            throw new AmqpProtocolException(
                    "frame_max of the broker: " + server.frameMax() + " (expected: 0 or >= " + FrameFormat.MIN_FRAME_MAX
                            + ")",
                    ReplyCode.NOT_ALLOWED,
                    null);
        }
        if (server.channelMax() != 0 && server.channelMax() < FEWEST_CHANNELS) {
            throw new AmqpProtocolException(
                    "channel_max of the broker: " + server.channelMax() + " (expected: 0 or >= " + FEWEST_CHANNELS
                            + ")",
                    ReplyCode.NOT_ALLOWED,
                    null);
        }
        int heartbeat = (int) client.heartbeat().toSeconds();
        return new TuneParameters(
                (int) smaller(server.channelMax(), client.channelMax(), MAX_CHANNELS),
                (int) smaller(server.frameMax(), client.frameMax(), LARGEST_FRAME),
                heartbeat == 0 ? 0 : (int) smaller(server.heartbeat(), heartbeat, heartbeat));
    }

    ConnectionMethods.TuneOk tuneOk() {
        return new ConnectionMethods.TuneOk(channelMax, frameMax, heartbeatSeconds);
    }

    private static long smaller(long server, long client, long unlimited) {
        return Math.min(server == 0 ? unlimited : server, client == 0 ? unlimited : client);
    }
}
