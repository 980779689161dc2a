package dev.holdfast.internal.inbound;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bytes that were seen last: what repeats from message to message need not be decoded again. Costs a comparison, and a
 * copy where they differ; allocates nothing. Not thread-safe.
 */
final class RepeatDetector {
    private static final int MOST = 256;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes = new byte[MOST];

    /** -1: nothing that could be seen again. */
    private int length = -1;

    /** Whether these are the bytes of the call before; from now on they are. More than 256 never are. */
    boolean isRepeated(ByteBuf in, int index, int count) {
        if (length == count && isSame(in, index, count)) {
            return true;
        }
        length = count <= MOST ? count : -1;
        if (length > 0) {
            in.getBytes(index, bytes, 0, length);
        }
        return false;
    }

    /** Eight at a time, the last eight perhaps over some that were compared: every look into a buffer is checked. */
    private boolean isSame(ByteBuf in, int index, int count) {
        if (count < Long.BYTES) {
            for (int i = 0; i < count; i++) {
                if (in.getByte(index + i) != bytes[i]) {
                    return false;
                }
            }
            return true;
        }
        int last = count - Long.BYTES;
        for (int i = 0; i < last; i += Long.BYTES) {
            if (in.getLong(index + i) != (long) LONGS.get(bytes, i)) {
                return false;
            }
        }
        return in.getLong(index + last) == (long) LONGS.get(bytes, last);
    }
}
