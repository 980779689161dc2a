package dev.holdfast.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.DecodeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    private static final int MIB = 1 << 20;
    private static final int BOMB_MIB = 50;

    private final CompressorRegistry registry = CompressorRegistry.standard();

    @ParameterizedTest
    @CsvSource({
        "gzip,application/x-gzip",
        "zlib,application/x-gzip",
        "bzip2,application/x-bz2",
        "bzip,application/x-bz2",
        "lzma,application/x-lzma",
        "xz,application/x-lzma",
        "zstd,application/zstd",
        "zstandard,application/zstd",
        "brotli,application/x-brotli"
    })
    void everyNameGoesThereAndBack(String name, String contentType) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] noise = new byte[random.nextInt(200_000)];
        random.nextBytes(noise);
        for (byte[] body : new byte[][] {new byte[0], {7}, noise, new byte[MIB], new byte[8 * MIB]}) {
            byte[] compressed = compress(name, body, 1);

            assertThat(registry.get(name).contentType()).isEqualTo(contentType);
            assertThat(registry.find(contentType)).isPresent();
            assertThat(registry.decompress(compressed, name))
                    .as("seed %s", seed)
                    .isEqualTo(body);
            assertThat(registry.decompress(compressed, contentType)).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd", "brotli"})
    void aBombIsStoppedEarlyAndTyped(String name) throws IOException {
        byte[] bomb = compress(name, new byte[MIB], BOMB_MIB);
        // gzip cannot grow a thousandfold, so that here only the size stops it.
        CompressorRegistry limited = name.equals("gzip") ? registry.maxSize(8 * MIB) : registry;
        long before = allocated();
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> limited.decompress(bomb, name))
                .withMessageStartingWith("body: more than 8388608 bytes decompressed from " + bomb.length);
        // What came, once more to join its parts, and what the format needs itself.
        assertThat(allocated() - before).isLessThan(BOMB_MIB * (long) MIB);
        assertThat(registry.maxRatio(Integer.MAX_VALUE).decompress(bomb, name)).hasSize(BOMB_MIB * MIB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd", "brotli"})
    void theSizeIsLimitedToTheByte(String name) throws IOException {
        byte[] zeros = compress(name, new byte[MIB], 1);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.maxSize(MIB - 1).decompress(zeros, name))
                .withMessageStartingWith("body: more than 1048575 bytes");
        assertThat(registry.maxSize(MIB).decompress(zeros, name)).hasSize(MIB);
    }

    @Test
    void unlessSetTheLimitIs128MiB() throws IOException {
        byte[] noise = new byte[MIB];
        new Random(1).nextBytes(noise);
        byte[] bomb = compress("gzip", Arrays.copyOf(noise, 64 * MIB), 3);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.decompress(bomb, "gzip"))
                .withMessageStartingWith("body: more than 134217728 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd", "brotli"})
    void refusesWhatIsCutShortOrGarbage(String name) throws IOException {
        byte[] body = new byte[10_000];
        new Random(1).nextBytes(body);
        byte[] compressed = compress(name, body, 1);
        for (byte[] wrong :
                new byte[][] {{1, 2, 3}, Arrays.copyOf(compressed, compressed.length / 2), Arrays.copyOf(compressed, 5)
                }) {
            assertThatExceptionOfType(DecodeException.class)
                    .as("%s bytes", wrong.length)
                    .isThrownBy(() -> registry.decompress(wrong, name))
                    .withMessageStartingWith("body cannot be decompressed as application/");
        }
    }

    @Test
    void anXzThatAsksForGigabytesGetsThemNot() {
        // A stream header, and a block header whose dictionary is 4 GiB - 1 (byte 40).
        byte[] huge = HexFormat.of().parseHex("fd377a585a000004e6d6b44602002101280000009ad2d9a60000000000000000");
        long before = allocated();
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> registry.decompress(huge, "xz"));
        assertThat(allocated() - before).isLessThan(100L * MIB);
    }

    @Test
    void nothingIsNoCompressedBody() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.decompress(new byte[0], "zstd"))
                .withMessage("body: empty (expected: what application/zstd makes)");
    }

    @Test
    void limitsAreImmutableAndChecked() {
        CompressorRegistry changed = registry.maxSize(5).maxRatio(1).with("mine", new Gzip());
        assertThat(registry.find("mine")).isEmpty();
        assertThat(changed.find("mine")).isPresent();
        assertThat(registry.find("lz4")).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> registry.maxSize(0));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.maxRatio(0));
    }

    private byte[] compress(String name, byte[] block, int times) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing = registry.get(name).compress(out)) {
            for (int i = 0; i < times; i++) {
                compressing.write(block);
            }
        }
        return out.toByteArray();
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
