package dev.holdfast.serialization;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The Zstandard format. The library limits the window to 128 MiB. Thread-safe. */
final class Zstd implements Compressor {
    Zstd() {
        Native.load();
    }

    @Override
    public String contentType() {
        return "application/zstd";
    }

    @Override
    public OutputStream compress(OutputStream out) {
        return new SizedFrameOutputStream(out);
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
        return new ZstdInputStreamNoFinalizer(in);
    }

    /** Compresses on close, since the frame header must contain the content size: Kombu reads no other frames. */
    private static final class SizedFrameOutputStream extends FilterOutputStream {
        private final BodyBuffer body = new BodyBuffer(1024);

        SizedFrameOutputStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int octet) {
            body.write(octet);
        }

        @Override
        public void write(byte[] source, int offset, int count) {
            body.write(source, offset, count);
        }

        @Override
        public void close() throws IOException {
            try (ZstdCompressCtx context = new ZstdCompressCtx()) {
                byte[] target = new byte[Math.toIntExact(com.github.luben.zstd.Zstd.compressBound(body.length))];
                int length = context.compressByteArray(target, 0, target.length, body.bytes, 0, body.length);
                out.write(target, 0, length);
            }
        }
    }
}
