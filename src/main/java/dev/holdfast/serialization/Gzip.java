package dev.holdfast.serialization;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** Kombu's {@code gzip}: the zlib format of RFC 1950, not the gzip format of RFC 1952. Thread-safe. */
final class Gzip implements Compressor {
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
