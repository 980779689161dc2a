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
 * The encoded method frame and content header frame of a publish, reused for all messages with the same arguments and
 * properties. A message is a copy of this prefix with its channel, the sizes of the body written over it, and the body
 * frames appended.
 *
 * <pre>
 * | method frame (basic.publish)           | header frame                                        | body frames
 * | 1 CH size 60 40 exchange key bits 0xCE | 2 CH size 60 weight BODY-SIZE flags properties 0xCE | 3 CH SIZE BODY 0xCE
 * </pre>
 *
 * In capitals: written for each channel (CH) or for each message. Immutable and thread-safe.
 */
public final class PublishTemplate {
    private static final int CHANNEL_OFFSET = 1;
    private static final int SIZE_OFFSET = 3;
    private static final int BODY_SIZE_OFFSET = FrameFormat.PREFIX_SIZE + 4;

    private final byte[] prefix;
    private final int methodLength;

    /**
     * The prefix for the last channel. The race is benign: a {@link ChannelPrefix} is immutable, and a lost update only
     * costs another copy.
     */
    private @Nullable ChannelPrefix lastPrefix;

    private PublishTemplate(byte[] prefix, int methodLength) {
        this.prefix = prefix;
        this.methodLength = methodLength;
    }

    /** Encodes the method frame and the header frame of publishes with these arguments. */
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

    /** Size of the larger frame of the prefix. A link whose frame-max is smaller cannot send the message. */
    public int largestFrame() {
        return Math.max(methodLength, prefix.length - methodLength);
    }

    /** Bytes on the wire of a message with a body of {@code bodyLength} bytes. */
    public long encodedLength(int bodyLength, int frameMax) {
        return prefix.length + FrameFormat.bodyFramesLength(bodyLength, frameMax);
    }

    /** Appends a message; the body is copied. */
    public void encode(ByteBuffer out, int channel, byte[] body, int frameMax) {
        encode(out, channel, body, 0, body.length, frameMax);
    }

    /**
     * Appends a message whose body is the {@code length} bytes of {@code body} from {@code offset} on; they are copied.
     * If this throws, nothing was appended: part of a message would end the link.
     */
    public void encode(ByteBuffer out, int channel, byte[] body, int offset, int length, int frameMax) {
        int start = out.position();
        try {
            encodeFrames(out, channel, body, offset, length, frameMax);
        } catch (RuntimeException | Error e) {
            out.position(start);
            throw e;
        }
    }

    private void encodeFrames(ByteBuffer out, int channel, byte[] body, int offset, int length, int frameMax) {
        byte[] channelPrefix = prefix(channel);
        int start = out.position();
        if (length == 0) {
            out.put(channelPrefix, 0, prefix.length);
            return;
        }
        int maxPayload = frameMax - FrameFormat.OVERHEAD;
        int first = Math.min(maxPayload, length);
        out.put(channelPrefix);
        out.putLong(start + methodLength + BODY_SIZE_OFFSET, length);
        out.putInt(start + prefix.length + SIZE_OFFSET, first);
        out.put(body, offset, first);
        out.put((byte) FRAME_END);
        if (first < length) {
            encodeFurtherFrames(out, channel, body, offset + first, offset + length, maxPayload);
        }
    }

    private static void encodeFurtherFrames(
            ByteBuffer out, int channel, byte[] body, int start, int end, int maxPayload) {
        for (int from = start; from < end; from += maxPayload) {
            int length = Math.min(maxPayload, end - from);
            out.put((byte) FRAME_BODY).putShort((short) channel).putInt(length);
            out.put(body, from, length);
            out.put((byte) FRAME_END);
        }
    }

    /** The prefix with this channel, followed by the prefix of the first body frame; only the two sizes are missing. */
    private byte[] prefix(int channel) {
        ChannelPrefix last = lastPrefix;
        if (last == null || last.channel != channel) {
            ByteBuf bytes = Unpooled.wrappedBuffer(Arrays.copyOf(prefix, prefix.length + FrameFormat.PREFIX_SIZE));
            bytes.setShort(CHANNEL_OFFSET, channel);
            bytes.setShort(methodLength + CHANNEL_OFFSET, channel);
            bytes.setByte(prefix.length, FRAME_BODY).setShort(prefix.length + CHANNEL_OFFSET, channel);
            last = new ChannelPrefix(channel, bytes.array());
            lastPrefix = last;
        }
        return last.bytes;
    }

    /** The first bytes of every message on a channel. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record ChannelPrefix(int channel, byte[] bytes) {}
}
