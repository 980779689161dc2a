package dev.holdfast.serialization;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;

/** The bzip2 format; decompresses concatenated streams too. Thread-safe. */
final class Bzip2 implements Compressor {
    Bzip2() {
        // Loads the library: if it is absent, the constructor fails, not a later call.
        BZip2CompressorInputStream.matches(new byte[0], 0);
    }

    @Override
    public String contentType() {
        return "application/x-bz2";
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
        return new BZip2CompressorOutputStream(out);
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
        return new BZip2CompressorInputStream(in, true);
    }
}
