package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

/**
 * Adds the handlers of a connection to its pipeline; in order, from the socket up:
 *
 * <pre>
 *   plain port  with TLS only, until the first byte
 *   tls         with TLS only
 *   heartbeat   from open-ok on
 *   peer        until the first byte
 *   log         if the frame log is enabled
 *   frames      splits bytes into frames
 *   handshake   until open-ok, then replaced by link
 * </pre>
 *
 * Event loop only.
 */
final class PipelineInitializer extends ChannelInitializer<Channel> {
    /** Maximum size of a received frame before connection.tune. */
    private static final int MAX_FRAME_BEFORE_TUNE = 1 << 17;

    private final ConnectTarget target;
    private final HandshakeHandler handshake;
    private final @Nullable Tls tls;
    private final @Nullable FrameLogger logger;
    private final FrameDecoder decoder;

    PipelineInitializer(
            ConnectTarget target, ConnectionOptions options, @Nullable Tls tls, HandshakeHandler handshake) {
        this.target = target;
        this.tls = tls;
        this.handshake = handshake;
        this.logger = FrameLogger.ifEnabled(options.frameLog());
        this.decoder = new FrameDecoder(MAX_FRAME_BEFORE_TUNE, logged(handshake));
    }

    @Override
    protected void initChannel(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (tls != null) {
            pipeline.addLast(new TlsDetector(target));
            pipeline.addLast(Tls.NAME, tls.handler(channel.alloc(), target.address()));
        }
        pipeline.addLast(ProtocolDetector.NAME, new ProtocolDetector(target));
        if (logger != null) {
            pipeline.addLast(FrameLogger.NAME, logger);
        }
        pipeline.addLast(FrameDecoder.NAME, decoder);
        pipeline.addLast(HandshakeHandler.NAME, handshake);
    }

    /** Replaces the handshake with the link and applies the negotiated parameters. */
    <T extends ChannelInboundHandler & FrameListener> void open(
            ChannelPipeline pipeline, TuneParameters tuneParameters, T link) {
        decoder.frameMax(tuneParameters.frameMax());
        decoder.listener(logged(link));
        pipeline.replace(handshake, "link", link);
        if (tuneParameters.heartbeatSeconds() > 0) {
            HeartbeatHandler heartbeat = new HeartbeatHandler(tuneParameters.heartbeatSeconds());
            if (tls != null) {
                pipeline.addAfter(Tls.NAME, HeartbeatHandler.NAME, heartbeat);
            } else {
                pipeline.addFirst(HeartbeatHandler.NAME, heartbeat);
            }
        }
    }

    private FrameListener logged(FrameListener listener) {
        return logger == null ? listener : logger.logging(listener);
    }
}
