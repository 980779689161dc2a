package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.ConnectionOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

/**
 * The handlers of one connection in order, from the socket up.
 *
 * <pre>
 *   tls         if asked for
 *   heartbeat   from open-ok on
 *   peer        until the first byte
 *   log         if asked for
 *   frames      bytes to frames
 *   handshake   until open-ok, then the link
 * </pre>
 *
 * Event loop only.
 */
final class PipelineInitializer extends ChannelInitializer<Channel> {
    /** How large a frame may be before the sizes are agreed on. */
    private static final int MAX_FRAME_BEFORE_TUNE = 1 << 17;

    private final Address address;
    private final HandshakeHandler handshake;
    private final @Nullable Tls tls;
    private final @Nullable FrameLogger logger;
    private final FrameDecoder decoder;

    PipelineInitializer(Address address, ConnectionOptions options, @Nullable Tls tls, HandshakeHandler handshake) {
        this.address = address;
        this.tls = tls;
        this.handshake = handshake;
        this.logger = FrameLogger.ifEnabled(options.frameLog());
        this.decoder = new FrameDecoder(MAX_FRAME_BEFORE_TUNE, logged(handshake));
    }

    @Override
    protected void initChannel(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (tls != null) {
            pipeline.addLast(Tls.NAME, tls.handler(channel.alloc(), address));
        }
        pipeline.addLast(ProtocolDetector.NAME, new ProtocolDetector(address));
        if (logger != null) {
            pipeline.addLast(FrameLogger.NAME, logger);
        }
        pipeline.addLast(FrameDecoder.NAME, decoder);
        pipeline.addLast(HandshakeHandler.NAME, handshake);
    }

    /** Puts the link in the place of the handshake. */
    <T extends ChannelInboundHandler & FrameListener> void open(
            ChannelPipeline pipeline, TuneParameters tuning, T link) {
        decoder.maxFrameSize(tuning.frameMax());
        decoder.sink(logged(link));
        pipeline.replace(handshake, "link", link);
        if (tuning.heartbeatSeconds() > 0) {
            HeartbeatHandler heartbeat = new HeartbeatHandler(tuning.heartbeatSeconds());
            if (tls != null) {
                pipeline.addAfter(Tls.NAME, HeartbeatHandler.NAME, heartbeat);
            } else {
                pipeline.addFirst(HeartbeatHandler.NAME, heartbeat);
            }
        }
    }

    private FrameListener logged(FrameListener sink) {
        return logger == null ? sink : logger.logging(sink);
    }
}
