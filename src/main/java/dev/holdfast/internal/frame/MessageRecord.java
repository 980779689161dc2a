package dev.holdfast.internal.frame;

import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_BODY;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_END;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireReader;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Reads an encoded publish (method frame, header frame, body frames) in a buffer of the outbound log, and copies it for
 * another channel and frame size.
 */
public final class MessageRecord {
    private final ByteBuf buffer;
    private final int methodStart;
    private final int headerStart;
    private final int bodyStart;
    private final int end;

    /** The record at {@code offset}; the buffer's indexes are neither used nor moved. */
    public MessageRecord(ByteBuf buffer, int offset, int length) {
        this.buffer = buffer;
        this.methodStart = offset;
        this.headerStart = frameEnd(offset);
        this.bodyStart = frameEnd(headerStart);
        this.end = offset + length;
    }

    /** Length of the body in bytes. */
    public long bodySize() {
        return buffer.getLong(headerStart + FrameFormat.PREFIX_SIZE + 4);
    }

    /** Size of the larger of the method frame and the header frame, which cannot be split. */
    public int largestFixedFrame() {
        return Math.max(headerStart - methodStart, bodyStart - headerStart);
    }

    /** Length of a copy whose frames are at most {@code frameMax} bytes long. */
    public long copyLength(int frameMax) {
        return bodyStart - methodStart + FrameFormat.bodyFramesLength(bodySize(), frameMax);
    }

    /** Appends a copy for this channel, with the body split for {@code frameMax}. */
    public void copyTo(ByteBuffer out, int channel, int frameMax) {
        int start = out.position();
        out.put(buffer.nioBuffer(methodStart, bodyStart - methodStart));
        out.putShort(start + 1, (short) channel);
        out.putShort(start + headerStart - methodStart + 1, (short) channel);
        int maxPayload = frameMax - FrameFormat.OVERHEAD;
        long bodyRemaining = bodySize();
        int payloadRemaining = 0;
        int frame = bodyStart;
        while (frame < end) {
            int from = frame + FrameFormat.PREFIX_SIZE;
            int available = buffer.getInt(frame + 3);
            while (available > 0) {
                if (payloadRemaining == 0) {
                    payloadRemaining = (int) Math.min(maxPayload, bodyRemaining);
                    out.put((byte) FRAME_BODY).putShort((short) channel).putInt(payloadRemaining);
                }
                int part = Math.min(payloadRemaining, available);
                out.put(buffer.nioBuffer(from, part));
                from += part;
                available -= part;
                payloadRemaining -= part;
                bodyRemaining -= part;
                if (payloadRemaining == 0) {
                    out.put((byte) FRAME_END);
                }
            }
            frame = frameEnd(frame);
        }
    }

    /** Decodes the properties of the message. */
    public MessageProperties properties() {
        int from = headerStart + FrameFormat.PREFIX_SIZE + 12;
        return PropertiesCodec.decode(new WireReader(buffer.slice(from, bodyStart - 1 - from)));
    }

    /** Whether the header frame has this payload: the size of the body, and the encoded properties. */
    public boolean headerEquals(byte[] payload) {
        return bodyStart - headerStart - FrameFormat.OVERHEAD == payload.length && equals(headerStart, payload, 0);
    }

    private boolean equals(int frame, byte[] bytes, int offset) {
        int length = buffer.getInt(frame + 3);
        if (length > bytes.length - offset) {
            return false;
        }
        int from = frame + FrameFormat.PREFIX_SIZE;
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(from + i) != bytes[offset + i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether the body equals these bytes. */
    public boolean bodyEquals(byte[] body) {
        if (bodySize() != body.length) {
            return false;
        }
        int position = 0;
        for (int frame = bodyStart; frame < end; frame = frameEnd(frame)) {
            if (!equals(frame, body, position)) {
                return false;
            }
            position += buffer.getInt(frame + 3);
        }
        return true;
    }

    private int frameEnd(int frame) {
        return frame + FrameFormat.OVERHEAD + buffer.getInt(frame + 3);
    }
}
