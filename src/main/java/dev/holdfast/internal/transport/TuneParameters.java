package dev.holdfast.internal.transport;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.ConnectionMethods;

/**
 * The negotiated values of connection.tune. On the wire 0 means no limit; in this record channelMax and frameMax are
 * always limits, and a heartbeat of 0 means no heartbeats.
 */
record TuneParameters(int channelMax, int frameMax, int heartbeatSeconds) {
    /** Replaces a frame-max of 0: a frame is buffered completely, so its size needs a limit. */
    static final int MAX_FRAME_SIZE = FrameDecoder.MAX_FIXED_FRAME;

    /** A connection needs one channel to publish and one to declare. */
    private static final int MIN_CHANNELS = 2;

    private static final int MAX_CHANNELS = 0xFFFF;

    /** Takes the smaller value of both sides; a heartbeat that the client disabled stays disabled. */
    static TuneParameters negotiate(ConnectionMethods.Tune server, ConnectionOptions client) {
        if (server.frameMax() != 0 && server.frameMax() < FrameFormat.MIN_FRAME_MAX) {
            throw new AmqpProtocolException(
                    "frame_max of the broker: " + server.frameMax() + " (expected: 0 or >= " + FrameFormat.MIN_FRAME_MAX
                            + ")",
                    ReplyCode.NOT_ALLOWED,
                    null);
        }
        if (server.channelMax() != 0 && server.channelMax() < MIN_CHANNELS) {
            throw new AmqpProtocolException(
                    "channel_max of the broker: " + server.channelMax() + " (expected: 0 or >= " + MIN_CHANNELS + ")",
                    ReplyCode.NOT_ALLOWED,
                    null);
        }
        int heartbeat = (int) client.heartbeat().toSeconds();
        return new TuneParameters(
                (int) smaller(server.channelMax(), client.channelMax(), MAX_CHANNELS),
                (int) smaller(server.frameMax(), client.frameMax(), MAX_FRAME_SIZE),
                heartbeat == 0 ? 0 : (int) smaller(server.heartbeat(), heartbeat, heartbeat));
    }

    /** The answer to the broker. */
    ConnectionMethods.TuneOk tuneOk() {
        return new ConnectionMethods.TuneOk(channelMax, frameMax, heartbeatSeconds);
    }

    private static long smaller(long server, long client, long unlimited) {
        return Math.min(server == 0 ? unlimited : server, client == 0 ? unlimited : client);
    }
}
