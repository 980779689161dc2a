package dev.holdfast.serialization;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** What Kombu calls gzip: the zlib format of RFC 1950, not that of the program gzip. Thread-safe. */
public final class Gzip implements Compressor {
    /** Makes the compressor. */
    public Gzip() {}

    @Override
    public String contentType() {
        return "application/x-gzip";
    }

    @Override
    public OutputStream compress(OutputStream out) {
        return new DeflaterOutputStream(out);
    }

    @Override
    public InputStream decompress(InputStream in) {
        return new InflaterInputStream(in);
    }
}
