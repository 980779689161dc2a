package dev.holdfast.internal.frame;

import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_BODY;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_END;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireReader;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * One publish as it stands in the outbound log: a method frame, a header frame and body frames. Reads it back, and
 * copies it for another channel with another frame size.
 */
public final class MessageRecord {
    private final ByteBuf buffer;
    private final int methodStart;
    private final int headerStart;
    private final int bodyStart;
    private final int end;

    /** The record that stands at {@code offset}; the buffer's indexes are neither used nor moved. */
    public MessageRecord(ByteBuf buffer, int offset, int length) {
        this.buffer = buffer;
        this.methodStart = offset;
        this.headerStart = frameEnd(offset);
        this.bodyStart = frameEnd(headerStart);
        this.end = offset + length;
    }

    /** Octets of the body alone. */
    public long bodySize() {
        return buffer.getLong(headerStart + FrameFormat.PREFIX_SIZE + 4);
    }

    /** The largest frame that cannot be cut smaller. */
    public int largestFixedFrame() {
        return Math.max(headerStart - methodStart, bodyStart - headerStart);
    }

    /** Bytes of a copy cut for {@code frameMax}. */
    public long copyLength(int frameMax) {
        return bodyStart - methodStart + FrameFormat.bodyFramesLength(bodySize(), frameMax);
    }

    /** Appends the message for this channel, its body cut anew. */
    public void copyTo(ByteBuffer out, int channel, int frameMax) {
        int start = out.position();
        out.put(buffer.nioBuffer(methodStart, bodyStart - methodStart));
        out.putShort(start + 1, (short) channel);
        out.putShort(start + headerStart - methodStart + 1, (short) channel);
        int most = frameMax - FrameFormat.OVERHEAD;
        long left = bodySize();
        int room = 0;
        int frame = bodyStart;
        while (frame < end) {
            int from = frame + FrameFormat.PREFIX_SIZE;
            int available = buffer.getInt(frame + 3);
            while (available > 0) {
                if (room == 0) {
                    room = (int) Math.min(most, left);
                    out.put((byte) FRAME_BODY).putShort((short) channel).putInt(room);
                }
                int part = Math.min(room, available);
                out.put(buffer.nioBuffer(from, part));
                from += part;
                available -= part;
                room -= part;
                left -= part;
                if (room == 0) {
                    out.put((byte) FRAME_END);
                }
            }
            frame = frameEnd(frame);
        }
    }

    /** The message's properties, decoded. */
    public MessageProperties properties() {
        int from = headerStart + FrameFormat.PREFIX_SIZE + 12;
        return PropertiesCodec.decode(new WireReader(buffer.slice(from, bodyStart - 1 - from)));
    }

    /** Whether the body is exactly this. */
    public boolean bodyEquals(byte[] body) {
        if (bodySize() != body.length) {
            return false;
        }
        int at = 0;
        for (int frame = bodyStart; frame < end; frame = frameEnd(frame)) {
            int length = buffer.getInt(frame + 3);
            int from = frame + FrameFormat.PREFIX_SIZE;
            for (int i = 0; i < length; i++) {
                if (buffer.getByte(from + i) != body[at + i]) {
                    return false;
                }
            }
            at += length;
        }
        return true;
    }

    private int frameEnd(int frame) {
        return frame + FrameFormat.OVERHEAD + buffer.getInt(frame + 3);
    }
}
