package dev.holdfast.internal.transport;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ReplyCode;
import dev.holdfast.TlsFailedException;
import dev.holdfast.internal.frame.FrameFormat;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Checks the first bytes of the peer, and removes itself if they begin a method frame, as those of a broker do.
 * Otherwise it throws an exception that names the other protocol or version. Event loop only.
 *
 * <pre>
 *   01 00 00 ...              a broker
 *   "AMQP" id major minor rev a broker that requires another version
 *   15 03 minor ...           a TLS alert
 * </pre>
 */
final class ProtocolDetector extends ByteToMessageDecoder {
    static final String NAME = "peer";

    private static final int HEADER_SIZE = 8;
    private static final int MAX_QUOTED_BYTES = 32;
    private static final int TLS_ALERT = 0x15;
    private static final int TLS_MAJOR = 3;

    private final ConnectTarget target;

    ProtocolDetector(ConnectTarget target) {
        this.target = target;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.getUnsignedByte(in.readerIndex()) == FrameFormat.METHOD) {
            ctx.pipeline().remove(this);
        } else if (in.readableBytes() >= HEADER_SIZE || isTlsAlert(in)) {
            throw unexpectedProtocol(in);
        }
    }

    /** Fires the exception, since one thrown here would reach the later handlers only after channelInactive. */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.isReadable()) {
            ctx.fireExceptionCaught(unexpectedProtocol(in));
        }
    }

    private static boolean isTlsAlert(ByteBuf in) {
        int start = in.readerIndex();
        return in.readableBytes() >= 2
                && in.getUnsignedByte(start) == TLS_ALERT
                && in.getUnsignedByte(start + 1) == TLS_MAJOR;
    }

    private AmqpException unexpectedProtocol(ByteBuf in) {
        int start = in.readerIndex();
        int length = in.readableBytes();
        String text = in.toString(start, Math.min(length, MAX_QUOTED_BYTES), StandardCharsets.ISO_8859_1);
        AmqpException exception;
        if (length >= HEADER_SIZE && text.startsWith("AMQP")) {
            String version = in.getUnsignedByte(start + 5) + "-" + in.getUnsignedByte(start + 6) + "-"
                    + in.getUnsignedByte(start + 7);
            exception = new AmqpProtocolException(
                    "AMQP version of " + target + ": " + version + ", protocol id " + in.getUnsignedByte(start + 4)
                            + " (expected: 0-9-1)",
                    ReplyCode.NOT_IMPLEMENTED,
                    null);
        } else if (isTlsAlert(in)) {
            exception = new TlsFailedException(
                    TlsFailedException.Reason.TLS_PORT,
                    target + " answers with a TLS alert: this port speaks TLS (use amqps://)",
                    null,
                    false);
        } else {
            String printable = text.replaceAll("[^ -~]", ".");
            exception = new AmqpProtocolException(
                    target + " is not an AMQP 0-9-1 broker: it answers '" + printable + "'",
                    ReplyCode.FRAME_ERROR,
                    null);
        }
        in.skipBytes(length);
        return exception;
    }
}
