package dev.holdfast.serialization;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;

/** The format of the program bzip2. Thread-safe. */
final class Bzip2 implements Compressor {
    Bzip2() {
        // Links the library, so that it is missed here and not within a message.
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
