package dev.holdfast.scripted;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;

/** Encodes frames, well-formed or not, to bytes. */
final class FrameBytes {
    private FrameBytes() {}

    static byte[] concat(byte[]... parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
    }

    static byte[] encode(Consumer<ByteBuf> encoder) {
        ByteBuf out = Unpooled.buffer();
        encoder.accept(out);
        return ByteBufUtil.getBytes(out);
    }

    /** A frame with any type and any frame-end octet. */
    static byte[] frame(int type, int channel, byte[] payload, int end) {
        return encode(out -> {
            int start = FrameFormat.begin(out, type, channel);
            out.writeBytes(payload);
            FrameFormat.end(out, start);
            out.setByte(out.writerIndex() - 1, end);
        });
    }

    static byte[] frame(int type, int channel, byte[] payload) {
        return frame(type, channel, payload, FrameFormat.END);
    }

    /** The header of a frame whose payload has this size, and the first byte of the payload. */
    static byte[] frameStart(int type, int channel, long size) {
        return encode(out ->
                out.writeByte(type).writeShort(channel).writeInt((int) size).writeByte(0));
    }

    static byte[] method(int channel, Method method) {
        return encode(out -> FrameFormat.writeMethod(out, channel, method));
    }

    /** The payload of a method frame: class id, method id and arguments. */
    static byte[] payload(int classId, int methodId, Consumer<ByteBuf> arguments) {
        return encode(out -> {
            out.writeShort(classId).writeShort(methodId);
            arguments.accept(out);
        });
    }

    static byte[] payload(Method method) {
        byte[] frame = method(0, method);
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(frame), FrameFormat.PREFIX_SIZE, frame.length - 8);
    }

    static byte[] header(int channel, long bodySize, MessageProperties properties) {
        return header(channel, 60, 0, bodySize, out -> PropertiesCodec.encode(properties, new WireWriter(out)));
    }

    static byte[] header(int channel, int classId, int weight, long bodySize, Consumer<ByteBuf> properties) {
        return frame(FrameFormat.HEADER, channel, encode(out -> {
            out.writeShort(classId).writeShort(weight).writeLong(bodySize);
            properties.accept(out);
        }));
    }

    static byte[] body(int channel, int size) {
        return frame(FrameFormat.BODY, channel, new byte[size]);
    }

    /** Writes tables nested to this depth. Each has one entry, whose name is empty. */
    static void writeNestedTables(ByteBuf out, int depth) {
        for (int inner = depth - 1; inner >= 0; inner--) {
            out.writeInt(inner * 6);
            if (inner > 0) {
                out.writeByte(0).writeByte('F');
            }
        }
    }
}
