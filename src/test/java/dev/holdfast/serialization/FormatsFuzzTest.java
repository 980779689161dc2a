package dev.holdfast.serialization;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.SerializationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * Every serializer and compressor reads any bytes to a value or a SerializationException, with limited memory. Each
 * test run replays the seeds; CONTRIBUTING says how to fuzz for more.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class FormatsFuzzTest {
    private static final SerializerRegistry SERIALIZERS = SerializerRegistry.standard();
    private static final int MAX_SIZE = 1 << 20;
    private static final CompressorRegistry COMPRESSORS =
            CompressorRegistry.standard().maxSize(MAX_SIZE).maxRatio(1000);

    @FuzzTest(maxDuration = "10m")
    void json(byte[] body) {
        deserialize("json", body);
    }

    @FuzzTest(maxDuration = "10m")
    void yaml(byte[] body) {
        deserialize("yaml", body);
    }

    @FuzzTest(maxDuration = "10m")
    void msgpack(byte[] body) {
        deserialize("msgpack", body);
    }

    @FuzzTest(maxDuration = "10m")
    void pickle(byte[] body) {
        deserialize("pickle", body);
    }

    @FuzzTest(maxDuration = "10m")
    void text(byte[] body) {
        deserialize("text", body);
    }

    private static void deserialize(String format, byte[] body) {
        try {
            String unused = String.valueOf(SERIALIZERS.get(format).deserialize(body));
        } catch (SerializationException e) {
            // The body is not of this format.
        }
    }

    @FuzzTest(maxDuration = "10m")
    void gzip(byte[] body) {
        decompress("gzip", body);
    }

    @FuzzTest(maxDuration = "10m")
    void bzip2(byte[] body) {
        decompress("bzip2", body);
    }

    @FuzzTest(maxDuration = "10m")
    void xz(byte[] body) {
        decompress("xz", body);
    }

    @FuzzTest(maxDuration = "10m")
    void zstd(byte[] body) {
        decompress("zstd", body);
    }

    @FuzzTest(maxDuration = "10m")
    void brotli(byte[] body) {
        decompress("brotli", body);
    }

    private static void decompress(String name, byte[] body) {
        try {
            byte[] decompressed = COMPRESSORS.decompress(body, name);
            if (decompressed.length > MAX_SIZE) {
                throw new AssertionError(decompressed.length + " bytes (expected: <= " + MAX_SIZE + ")");
            }
        } catch (SerializationException e) {
            // The body is not of this format, or too large.
        }
    }
}
