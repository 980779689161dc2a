package dev.holdfast.serialization;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A way to make bodies smaller. Implementations are thread-safe. */
public interface Compressor {
    /** Returns the type that goes into the header {@code compression}, such as {@code application/x-gzip}. */
    String contentType();

    /** Returns a stream whose bytes go compressed into {@code out}; closing it ends the compressed form. */
    OutputStream compress(OutputStream out) throws IOException;

    /**
     * Returns a stream of the bytes that were compressed into what {@code in} gives. How many of them are taken is
     * limited by whoever reads it; how much memory a window takes that the sender chose is for this to limit.
     */
    InputStream decompress(InputStream in) throws IOException;
}
