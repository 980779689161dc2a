package dev.holdfast.internal.transport;

import dev.holdfast.TlsFailedException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Checks the first byte that answers the TLS hello, before TLS does, and removes itself. A record of TLS begins with
 * its type. A plain broker answers "AMQP"; that of RabbitMQ 4, {@code AMQP 03 01 00 00}, would pass as the length and
 * the version of a record of SSL 2. Event loop only.
 */
final class TlsDetector extends ChannelInboundHandlerAdapter {
    private static final int MIN_RECORD_TYPE = 20;
    private static final int MAX_RECORD_TYPE = 24;

    private final ConnectTarget target;

    TlsDetector(ConnectTarget target) {
        this.target = target;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (msg instanceof ByteBuf bytes && bytes.isReadable()) {
            int type = bytes.getUnsignedByte(bytes.readerIndex());
            if (type < MIN_RECORD_TYPE || type > MAX_RECORD_TYPE) {
                bytes.release();
                ctx.fireExceptionCaught(new TlsFailedException(
                        TlsFailedException.Reason.PLAIN_PORT,
                        target + " does not speak TLS on this port: use amqp://, or the port for TLS (usually 5671)",
                        null,
                        false));
                return;
            }
            ctx.pipeline().remove(this);
        }
        ctx.fireChannelRead(msg);
    }
}
