package dev.holdfast.serialization;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/** Kombu's {@code lzma}: the .xz container format. Thread-safe. */
final class Xz implements Compressor {
    /** Memory limit of the decoder: above the 65 MiB that the largest preset needs. */
    private static final int MEMORY_LIMIT_KIB = 80 << 10;

    Xz() {
        // Loads the library: if it is absent, the constructor fails, not a later call.
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
        // A cache: a small body may have many streams, each with a dictionary of megabytes.
        return new XZInputStream(in, MEMORY_LIMIT_KIB, new BasicArrayCache());
    }
}
