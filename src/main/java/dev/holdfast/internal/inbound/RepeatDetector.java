package dev.holdfast.internal.inbound;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Compares bytes with those of the previous call, so that what repeats from message to message is decoded once. A call
 * costs one comparison, and one copy if the bytes differ; it allocates nothing. Not thread-safe.
 */
final class RepeatDetector {
    private static final int MAX_LENGTH = 256;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] previous = new byte[MAX_LENGTH];

    /** Length of the previous bytes; -1 if there are none to compare with. */
    private int length = -1;

    /** Whether these bytes equal those of the previous call. More than 256 bytes never do. */
    boolean isRepeated(ByteBuf in, int index, int count) {
        if (length == count && equalsPrevious(in, index, count)) {
            return true;
        }
        length = count <= MAX_LENGTH ? count : -1;
        if (length > 0) {
            in.getBytes(index, previous, 0, length);
        }
        return false;
    }

    /**
     * Compares eight bytes at a time, since each buffer access is bounds-checked; the last eight may overlap others.
     */
    private boolean equalsPrevious(ByteBuf in, int index, int count) {
        if (count < Long.BYTES) {
            for (int i = 0; i < count; i++) {
                if (in.getByte(index + i) != previous[i]) {
                    return false;
                }
            }
            return true;
        }
        int last = count - Long.BYTES;
        for (int i = 0; i < last; i += Long.BYTES) {
            if (in.getLong(index + i) != (long) LONGS.get(previous, i)) {
                return false;
            }
        }
        return in.getLong(index + last) == (long) LONGS.get(previous, last);
    }
}
