package dev.holdfast.internal.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.UnknownMethodException;
import dev.holdfast.internal.wire.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever payload comes: a method that is the same when it is written and read again, or one of the exceptions that close a
 * connection. Replays its seeds in every test run; CONTRIBUTING says how to search for more.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class MethodFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void readsOrRefuses(byte[] payload) {
        Method method;
        try {
            method = FrameFormat.readMethod(Unpooled.wrappedBuffer(payload), payload.length);
        } catch (MalformedException | UnknownMethodException e) {
            return;
        }
        String text = method.toString();
        ByteBuf once = written(method);
        if (once.isReadable()) {
            once.skipBytes(FrameFormat.PREFIX_SIZE);
            Method again = FrameFormat.readMethod(once, once.readableBytes() - 1);
            if (!written(again).equals(written(method))) {
                throw new AssertionError("read and written again: not the same for " + text);
            }
        }
    }

    private static ByteBuf written(Method method) {
        ByteBuf out = Unpooled.buffer();
        try {
            FrameFormat.writeMethod(out, 1, method);
        } catch (IllegalArgumentException e) {
            // Text that was no UTF-8 has grown by its replacement characters.
            if (!String.valueOf(e.getMessage()).startsWith("short string: ")) {
                throw e;
            }
            out.clear();
        }
        return out;
    }
}
