package dev.holdfast.serialization;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The Brotli format. Thread-safe. */
final class Brotli implements Compressor {
    private static final int INPUT_SIZE = 4096;

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
        return new BrotliDecoderStream(in);
    }

    /**
     * Replaces the library's stream, which ends at the end of the input although the decoder may still have output: 14
     * bytes of input decode to 8 MiB of zeros.
     */
    private static final class BrotliDecoderStream extends InputStream {
        private final InputStream in;
        private final DecoderJNI.Wrapper decoder = new DecoderJNI.Wrapper(INPUT_SIZE);
        private @Nullable ByteBuffer output;

        BrotliDecoderStream(InputStream in) throws IOException {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            ByteBuffer current = output;
            while (current == null || !current.hasRemaining()) {
                switch (decoder.getStatus()) {
                    case DONE -> {
                        return -1;
                    }
                    case OK -> decoder.push(0);
                    case NEEDS_MORE_OUTPUT -> current = decoder.pull();
                    case NEEDS_MORE_INPUT -> {
                        if (decoder.hasOutput()) {
                            current = decoder.pull();
                        } else {
                            feed();
                        }
                    }
                    default -> throw new IOException("corrupted input");
                }
            }
            output = current;
            int count = Math.min(length, current.remaining());
            current.get(target, offset, count);
            return count;
        }

        private void feed() throws IOException {
            byte[] bytes = in.readNBytes(INPUT_SIZE);
            decoder.getInputBuffer().clear().put(bytes);
            decoder.push(bytes.length);
            if (bytes.length == 0
                    && decoder.getStatus() == DecoderJNI.Status.NEEDS_MORE_INPUT
                    && !decoder.hasOutput()) {
                throw new EOFException("unexpected end of input");
            }
        }

        @Override
        public void close() {
            decoder.destroy();
        }
    }
}
