package dev.holdfast.serialization;

import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Output stream into a growing array, which is exposed so that its bytes need no copy. Not thread-safe. */
final class BodyBuffer extends OutputStream {
    private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

    byte[] bytes;
    int length;

    BodyBuffer(int capacity) {
        this.bytes = new byte[capacity];
    }

    /** Serializes a body to an array, by means of {@link Serializer#serialize(Object, OutputStream)}. */
    static byte[] toByteArray(Serializer serializer, Object body) {
        BodyBuffer buffer = new BodyBuffer(256);
        try {
            serializer.serialize(body, buffer);
        } catch (IOException e) {
            throw new SerializationException("body cannot be written as " + serializer.contentType() + ": " + e, e);
        }
        return Arrays.copyOf(buffer.bytes, buffer.length);
    }

    @Override
    public void write(int octet) {
        ensureWritable(1);
        bytes[length++] = (byte) octet;
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        ensureWritable(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    private void ensureWritable(int count) {
        if (count > bytes.length - length) {
            if (count > MAX_ARRAY_LENGTH - length) {
                throw new SerializationException("body: more than 2 GiB (expected: less)", null);
            }
            long capacity = Math.max(bytes.length * 2L, (long) length + count);
            bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_ARRAY_LENGTH, capacity));
        }
    }
}
