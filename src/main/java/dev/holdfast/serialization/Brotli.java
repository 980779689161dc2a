package dev.holdfast.serialization;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Brotli. Thread-safe. */
final class Brotli implements Compressor {
    Brotli() {
        Brotli4jLoader.ensureAvailability();
    }

    @Override
    public String contentType() {
        return "application/x-brotli";
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
        return new BrotliOutputStream(out);
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
        return new BrotliInputStream(in);
    }
}
