package dev.holdfast.internal.frame;

import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_BODY;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_END;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_HEADER;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Everything of a publish that does not vary from message to message, encoded once: the method frame and the content
 * header frame. A message is this prefix, made once for its channel, with the sizes written over, and the body behind it.
 *
 * <pre>
 * | method frame (basic.publish)            | header frame                                          | body frames ...
 * | 1 ch size 60 40 exchange key bits  0xCE | 2 ch size 60 weight BODY-SIZE flags properties   0xCE | 3 ch size body 0xCE
 *     ^^                                        ^^                  ^^^^^^^^^                            written for each message
 * </pre>
 *
 * Immutable and thread-safe.
 */
public final class PublishTemplate {
    private static final int CHANNEL_OFFSET = 1;
    private static final int SIZE_OFFSET = 3;
    private static final int BODY_SIZE_OFFSET = FrameFormat.PREFIX_SIZE + 4;

    private final byte[] prefix;
    private final int methodLength;

    /** The start for the channel that asked last; racy on purpose: it is immutable, and making it twice does no harm. */
    private @Nullable Start lastStart;

    private PublishTemplate(byte[] prefix, int methodLength) {
        this.prefix = prefix;
        this.methodLength = methodLength;
    }

    /** Encodes what is constant of publishes with these arguments. */
    public static PublishTemplate of(
            String exchange, String routingKey, boolean mandatory, boolean immediate, MessageProperties properties) {
        ByteBuf out = Unpooled.buffer(256);
        FrameFormat.writeMethod(out, 0, new BasicMethods.Publish(exchange, routingKey, mandatory, immediate));
        int methodLength = out.writerIndex();
        out.writeByte(FRAME_HEADER).writeShort(0).writeInt(0);
        out.writeShort((BasicMethods.Publish.ID >>> 16)).writeShort(0).writeLong(0);
        PropertiesCodec.encode(properties, new WireWriter(out));
        out.setInt(methodLength + 3, out.writerIndex() - methodLength - FrameFormat.PREFIX_SIZE);
        out.writeByte(FRAME_END);
        byte[] prefix = new byte[out.readableBytes()];
        out.readBytes(prefix);
        return new PublishTemplate(prefix, methodLength);
    }

    /** The largest frame that the prefix holds: where it exceeds the link's limit, the message cannot be sent. */
    public int largestFrame() {
        return Math.max(methodLength, prefix.length - methodLength);
    }

    /** Bytes on the wire of a message with a body of this length. */
    public long encodedLength(int bodyLength, int frameMax) {
        return prefix.length + FrameFormat.bodyFramesLength(bodyLength, frameMax);
    }

    /** Appends one whole message; the body is copied. */
    public void encode(ByteBuffer out, int channel, byte[] body, int frameMax) {
        encode(out, channel, body, 0, body.length, frameMax);
    }

    /** Appends one whole message, its body {@code length} bytes from {@code offset} on; they are copied. */
    public void encode(ByteBuffer out, int channel, byte[] body, int offset, int length, int frameMax) {
        byte[] start = start(channel);
        int at = out.position();
        if (length == 0) {
            out.put(start, 0, prefix.length);
            return;
        }
        int most = frameMax - FrameFormat.OVERHEAD;
        int first = Math.min(most, length);
        out.put(start);
        out.putLong(at + methodLength + BODY_SIZE_OFFSET, length);
        out.putInt(at + prefix.length + SIZE_OFFSET, first);
        out.put(body, offset, first);
        out.put((byte) FRAME_END);
        if (first < length) {
            encodeRest(out, channel, body, offset + first, offset + length, most);
        }
    }

    private static void encodeRest(ByteBuffer out, int channel, byte[] body, int first, int end, int most) {
        for (int from = first; from < end; from += most) {
            int length = Math.min(most, end - from);
            out.put((byte) FRAME_BODY).putShort((short) channel).putInt(length);
            out.put(body, from, length);
            out.put((byte) FRAME_END);
        }
    }

    /** The prefix for this channel, and behind it the head of the first body frame: all but two numbers of a message. */
    private byte[] start(int channel) {
        Start last = lastStart;
        if (last == null || last.channel != channel) {
            ByteBuf bytes = Unpooled.wrappedBuffer(Arrays.copyOf(prefix, prefix.length + FrameFormat.PREFIX_SIZE));
            bytes.setShort(CHANNEL_OFFSET, channel);
            bytes.setShort(methodLength + CHANNEL_OFFSET, channel);
            bytes.setByte(prefix.length, FRAME_BODY).setShort(prefix.length + CHANNEL_OFFSET, channel);
            last = new Start(channel, bytes.array());
            lastStart = last;
        }
        return last.bytes;
    }

    /** What a message on this channel starts with. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Start(int channel, byte[] bytes) {}
}
