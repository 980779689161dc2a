package dev.holdfast.internal.json;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** The output stream of a pooled generator: forwards to the stream of the current value. */
final class ForwardingStream extends OutputStream {
    /** Null between values. */
    @Nullable
    OutputStream target;

    @Override
    public void write(int octet) throws IOException {
        if (target != null) {
            target.write(octet);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        if (target != null) {
            target.write(bytes, offset, count);
        }
    }
}
