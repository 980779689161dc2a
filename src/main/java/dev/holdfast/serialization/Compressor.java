package dev.holdfast.serialization;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A compression format for message bodies. Implementations are thread-safe. */
public interface Compressor {
    /** Returns the value of the header {@code compression}, such as {@code application/x-gzip}. */
    String contentType();

    /** Returns a stream that writes compressed bytes to {@code out}; closing it completes the compressed data. */
    OutputStream compress(OutputStream out) throws IOException;

    /**
     * Returns a stream that decompresses the bytes of {@code in}. The caller limits how many bytes it reads. The
     * implementation must limit the memory for a window or a dictionary, whose size is chosen by the sender.
     */
    InputStream decompress(InputStream in) throws IOException;
}
