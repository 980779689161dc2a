package dev.holdfast.serialization;

import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Bytes that grow in one array, which is handed over and not copied. Not thread-safe. */
final class Buffer extends OutputStream {
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    byte[] bytes;
    int length;

    Buffer(int capacity) {
        this.bytes = new byte[capacity];
    }

    /** What a serializer that writes to a stream makes of a body. */
    static byte[] of(Serializer serializer, Object body) {
        Buffer buffer = new Buffer(256);
        try {
            serializer.serialize(body, buffer);
        } catch (IOException e) {
            throw new SerializationException("body cannot be written as " + serializer.contentType() + ": " + e, e);
        }
        return Arrays.copyOf(buffer.bytes, buffer.length);
    }

    @Override
    public void write(int octet) {
        ensure(1);
        bytes[length++] = (byte) octet;
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        ensure(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    private void ensure(int more) {
        if (more > bytes.length - length) {
            if (more > MAX_ARRAY - length) {
                throw new SerializationException("body: more than 2 GiB (expected: less)", null);
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_ARRAY, Math.max(bytes.length * 2L, (long) length + more)));
        }
    }
}
