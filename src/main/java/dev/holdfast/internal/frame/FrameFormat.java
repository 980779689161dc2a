package dev.holdfast.internal.frame;

import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.MethodDecoder;
import dev.holdfast.internal.protocol.ProtocolConstants;
import dev.holdfast.internal.wire.WireReader;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;

/**
 * The layout of a frame on the wire (AMQP 0-9-1, section 4.2.3), big-endian, and its reading and writing.
 *
 * <pre>
 *   +------+---------+----------+=============+------+
 *   | type | channel |   size   |   payload   |  end |
 *   |  (1) |   (2)   |    (4)   |    (size)   | 0xCE |
 *   +------+---------+----------+=============+------+
 *
 *   method     class(2) method(2) arguments
 *   header     class(2) weight(2) = 0  body size(8)  property flags(2 ...) properties
 *   body       a part of the message body
 *   heartbeat  empty, on channel 0
 * </pre>
 *
 * Stateless.
 */
public final class FrameFormat {
    public static final int METHOD = ProtocolConstants.FRAME_METHOD;
    public static final int HEADER = ProtocolConstants.FRAME_HEADER;
    public static final int BODY = ProtocolConstants.FRAME_BODY;
    public static final int HEARTBEAT = ProtocolConstants.FRAME_HEARTBEAT;

    /** The octet that ends every frame. */
    public static final int END = ProtocolConstants.FRAME_END;

    /** Bytes before the payload: type, channel and size. */
    public static final int PREFIX_SIZE = 7;

    /** Bytes of a frame besides its payload: prefix and end octet. */
    public static final int OVERHEAD = PREFIX_SIZE + 1;

    /** The frame size that every peer accepts, before and after connection.tune. */
    public static final int MIN_FRAME_MAX = ProtocolConstants.FRAME_MIN_SIZE;

    private FrameFormat() {}

    /** Writes a complete method frame. */
    public static void writeMethod(ByteBuf out, int channel, Method method) {
        int payload = begin(out, METHOD, channel);
        out.writeShort(method.classId()).writeShort(method.methodId());
        method.encode(new WireWriter(out));
        end(out, payload);
    }

    /** Writes a heartbeat. */
    public static void writeHeartbeat(ByteBuf out) {
        end(out, begin(out, HEARTBEAT, 0));
    }

    /** Writes the prefix with a size of 0 and returns the index of the payload, for {@link #end}. */
    public static int begin(ByteBuf out, int type, int channel) {
        out.writeByte(type).writeShort(channel).writeInt(0);
        return out.writerIndex();
    }

    /** Sets the size of the frame whose payload starts at {@code payload}, and writes the end octet. */
    public static void end(ByteBuf out, int payload) {
        out.setInt(payload - 4, out.writerIndex() - payload);
        out.writeByte(END);
    }

    /** Bytes on the wire of the frames of a body, each at most {@code frameMax} bytes long; an empty body has none. */
    static long bodyFramesLength(long bodyLength, int frameMax) {
        int maxPayload = frameMax - OVERHEAD;
        if (bodyLength > 0 && bodyLength <= maxPayload) {
            return bodyLength + OVERHEAD; // avoids the division for the common one-frame body
        }
        long frames = (bodyLength + maxPayload - 1) / maxPayload;
        return bodyLength + frames * OVERHEAD;
    }

    /**
     * The prefix of the frame at {@code index} as one number, read with few buffer accesses, since each is
     * bounds-checked. {@link #type(long)}, {@link #channel(long)} and {@link #payloadSize(long)} return its parts.
     *
     * @param available readable bytes from {@code index} on, at least {@link #PREFIX_SIZE}
     */
    public static long prefix(ByteBuf in, int index, int available) {
        return available > PREFIX_SIZE
                ? in.getLong(index) >>> 8
                : (in.getUnsignedInt(index) << 24) | in.getUnsignedMedium(index + 4);
    }

    /** The type of the frame that starts at {@code index}. */
    public static int type(ByteBuf in, int index) {
        return in.getUnsignedByte(index);
    }

    /** The channel of the frame that starts at {@code index}. */
    public static int channel(ByteBuf in, int index) {
        return in.getUnsignedShort(index + 1);
    }

    /** The size of the payload of the frame that starts at {@code index}. */
    public static long payloadSize(ByteBuf in, int index) {
        return in.getUnsignedInt(index + 3);
    }

    public static int type(long prefix) {
        return (int) (prefix >>> 48);
    }

    public static int channel(long prefix) {
        return (int) (prefix >>> 32) & 0xFFFF;
    }

    /** The size of the payload that the prefix claims. */
    public static long payloadSize(long prefix) {
        return prefix & 0xFFFF_FFFFL;
    }

    /**
     * Reads the method in a payload of {@code length} bytes. Bytes after the last argument are not read: a later minor
     * version may add arguments.
     */
    public static Method readMethod(ByteBuf in, int length) {
        WireReader reader = new WireReader(in, length);
        int classId = reader.readShort();
        int methodId = reader.readShort();
        return MethodDecoder.decode(classId, methodId, reader);
    }
}
