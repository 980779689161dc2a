package dev.holdfast.serialization;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/** The .xz container, which Kombu calls lzma. Thread-safe. */
final class Xz implements Compressor {
    /** What the largest preset needs, 65 MiB, and some room. */
    private static final int MEMORY_KIB = 80 << 10;

    Xz() {
        // Links the library, so that it is missed here and not within a message.
        LZMA2Options unused = new LZMA2Options();
    }

    @Override
    public String contentType() {
        return "application/x-lzma";
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
        return new XZOutputStream(out, new LZMA2Options());
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
        return new XZInputStream(in, MEMORY_KIB);
    }
}
