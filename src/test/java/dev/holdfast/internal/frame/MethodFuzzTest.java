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
 * Fuzzes the method decoder: any payload is either a method that encoding and decoding reproduces, or one of the
 * exceptions that close a connection. Every test run replays the seeds; CONTRIBUTING says how to search for more.
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
        ByteBuf encoded = written(method);
        if (encoded.isReadable()) {
            encoded.skipBytes(FrameFormat.PREFIX_SIZE);
            Method decoded = FrameFormat.readMethod(encoded, encoded.readableBytes() - 1);
            if (!written(decoded).equals(written(method))) {
                throw new AssertionError("not reproduced by decoding and encoding: " + text);
            }
        }
    }

    private static ByteBuf written(Method method) {
        ByteBuf out = Unpooled.buffer();
        try {
            FrameFormat.writeMethod(out, 1, method);
        } catch (IllegalArgumentException e) {
            // Replacement characters have lengthened text that was not UTF-8.
            if (!String.valueOf(e.getMessage()).startsWith("short string: ")) {
                throw e;
            }
            out.clear();
        }
        return out;
    }
}
