package dev.holdfast.internal.transport;

import dev.holdfast.Address;
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
 * Looks at the first bytes of the peer: a broker starts with a method frame, everything else speaks another protocol or
 * another version. Leaves the pipeline as soon as it knows. Event loop only.
 *
 * <pre>
 *   01 00 00 ...              a broker
 *   "AMQP" id major minor rev a broker that wants another version
 *   15 03 minor ...           a TLS alert
 * </pre>
 */
final class ProtocolDetector extends ByteToMessageDecoder {
    static final String NAME = "peer";

    private static final int HEADER_SIZE = 8;
    private static final int SHOWN = 32;
    private static final int TLS_ALERT = 0x15;
    private static final int TLS_MAJOR = 3;

    private final Address address;

    ProtocolDetector(Address address) {
        this.address = address;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.getUnsignedByte(in.readerIndex()) == FrameFormat.METHOD) {
            ctx.pipeline().remove(this);
        } else if (in.readableBytes() >= HEADER_SIZE || isTlsAlert(in)) {
            throw stranger(in);
        }
    }

    /** Fired, not thrown: what is thrown here would reach the others only after the news that the channel is closed. */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.isReadable()) {
            ctx.fireExceptionCaught(stranger(in));
        }
    }

    private static boolean isTlsAlert(ByteBuf in) {
        int start = in.readerIndex();
        return in.readableBytes() >= 2
                && in.getUnsignedByte(start) == TLS_ALERT
                && in.getUnsignedByte(start + 1) == TLS_MAJOR;
    }

    private AmqpException stranger(ByteBuf in) {
        int start = in.readerIndex();
        int length = in.readableBytes();
        String text = in.toString(start, Math.min(length, SHOWN), StandardCharsets.ISO_8859_1);
        AmqpException exception;
        if (length >= HEADER_SIZE && text.startsWith("AMQP")) {
            String version = in.getUnsignedByte(start + 5) + "-" + in.getUnsignedByte(start + 6) + "-"
                    + in.getUnsignedByte(start + 7);
            exception = new AmqpProtocolException(
                    "AMQP version of " + address + ": " + version + ", protocol id " + in.getUnsignedByte(start + 4)
                            + " (expected: 0-9-1)",
                    ReplyCode.NOT_IMPLEMENTED,
                    null);
        } else if (isTlsAlert(in)) {
            exception = new TlsFailedException(
                    TlsFailedException.Reason.TLS_PORT,
                    address + " answers with a TLS alert: this port speaks TLS (use amqps://)",
                    null,
                    false);
        } else {
            String shown = text.replaceAll("[^ -~]", ".");
            exception = new AmqpProtocolException(
                    address + " is not an AMQP 0-9-1 broker: it answers '" + shown + "'", ReplyCode.FRAME_ERROR, null);
        }
        in.skipBytes(length);
        return exception;
    }
}
