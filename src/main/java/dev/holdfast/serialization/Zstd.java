package dev.holdfast.serialization;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Zstandard. The library's own limit keeps a window below 128 MiB. Thread-safe. */
final class Zstd implements Compressor {
    Zstd() {
        Native.load();
    }

    @Override
    public String contentType() {
        return "application/zstd";
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
        return new ZstdOutputStreamNoFinalizer(out);
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
        return new ZstdInputStreamNoFinalizer(in);
    }
}
