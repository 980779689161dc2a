package dev.holdfast.serialization;

import static dev.holdfast.serialization.TestBytes.allocatedByCurrentThread;
import static dev.holdfast.serialization.TestBytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializerNotInstalledException;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
    void compressesAndDecompressesUnderEveryName(String name, String contentType) throws IOException {
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

    /**
     * Three times {"hello": "world"}, compressed by Python's zlib, bz2, lzma, brotli and zstandard as Kombu calls
     * them.
     */
    @ParameterizedTest
    @CsvSource({
        "gzip|zlib,application/x-gzip,789c,789cab56ca48cdc9c957b252502acf2fca4951aaad26420400f57e1243",
        "bzip2|bzip,application/x-bz2,425a6839,425a6839314159265359cfc136600000191980500000100644908a20"
                + "0022bfd541a19040d03430e299421d7584a5ab29287977c5dc914e142433f04d9800",
        "lzma|xz,application/x-lzma,fd377a585a000004,fd377a585a000004e6d6b4460200210116000000742fe5a3e0003500"
                + "195d003d8889069422bbda033edc6f2947ad603ed865c8e2032d80000000000042636b82d32fdf640001353604e2"
                + "0d4d1fb6f37d010000000004595a",
        "brotli,application/x-brotli,'',1b3500401c07cef9292eb20b82be85720f0da445d8cade964e5f75335058c6ab13a806",
        "zstd|zstandard,application/zstd,28b52ffd,"
                + "28b52ffd2036c50000907b2268656c6c6f223a2022776f726c64227d01001639c3"
    })
    void everyAliasHasKombusContentTypeAndReadsPythonsBytes(
            String aliases, String contentType, String magic, String fromPython) throws IOException {
        byte[] body = utf8("{\"hello\": \"world\"}".repeat(3));
        byte[] bytes = HexFormat.of().parseHex(fromPython);
        for (String alias : aliases.split("\\|", -1)) {
            assertThat(registry.get(alias).contentType()).as(alias).isEqualTo(contentType);
            assertThat(registry.decompress(bytes, alias)).as(alias).isEqualTo(body);
            assertThat(HexFormat.of().formatHex(compress(alias, body, 1)))
                    .as(alias)
                    .startsWith(magic);
        }
        assertThat(registry.decompress(bytes, contentType)).isEqualTo(body);
    }

    @Test
    void customCompressorIsUsedWithinTheLimits() {
        CompressorRegistry custom = registry.with("invert", new BitInverter());
        byte[] body = {1, 2, 3};
        try (EncodedBody encoded =
                new BodyEncoder(SerializerRegistry.standard(), custom).encode(body, null, null, null, "invert")) {
            assertThat(encoded.bytes()).containsExactly(~1, ~2, ~3);
            assertThat(encoded.compression()).isEqualTo("application/x-invert");
            assertThat(encoded.contentType()).isEqualTo("application/data");
            assertThat(new BodyDecoder(SerializerRegistry.standard(), custom)
                            .decode(encoded.bytes(), null, "binary", encoded.compression(), Accept.safe()))
                    .isEqualTo(body);
        }
        assertThatExceptionOfType(DecodeException.class)
                .as("within its limits")
                .isThrownBy(() -> custom.maxSize(2).decompress(body, "invert"));
        assertThatExceptionOfType(SerializerNotInstalledException.class)
                .isThrownBy(() -> registry.get("invert"))
                .withMessageStartingWith("compression: invert (expected: one of [brotli, bzip, bzip2, gzip, lzma, xz");
    }

    /** Inverts every bit. */
    private static final class BitInverter implements Compressor {
        @Override
        public String contentType() {
            return "application/x-invert";
        }

        @Override
        public OutputStream compress(OutputStream out) {
            return new FilterOutputStream(out) {
                @Override
                public void write(int octet) throws IOException {
                    out.write(~octet);
                }
            };
        }

        @Override
        public InputStream decompress(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read() throws IOException {
                    int octet = super.read();
                    return octet < 0 ? octet : ~octet & 0xff;
                }

                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    int count = super.read(target, offset, length);
                    for (int i = offset; i < offset + count; i++) {
                        target[i] = (byte) ~target[i];
                    }
                    return count;
                }
            };
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd", "brotli"})
    void decompressionBombIsRefusedEarly(String name) throws IOException {
        byte[] bomb = compress(name, new byte[MIB], BOMB_MIB);
        // gzip compresses less than the others: 250 times the size of this bomb is above 8 MiB, so maxSize limits it.
        CompressorRegistry limited = name.equals("gzip") ? registry.maxSize(8 * MIB) : registry;
        long before = allocatedByCurrentThread();
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> limited.decompress(bomb, name))
                .withMessageStartingWith("body: more than 8388608 bytes decompressed from " + bomb.length);
        // The decompressed bytes, a second copy in one array, and the memory of the decoder.
        assertThat(allocatedByCurrentThread() - before).isLessThan(BOMB_MIB * (long) MIB);
        assertThat(registry.maxRatio(Integer.MAX_VALUE).decompress(bomb, name)).hasSize(BOMB_MIB * MIB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd", "brotli"})
    void maxSizeIsExactToTheByte(String name) throws IOException {
        byte[] zeros = compress(name, new byte[MIB], 1);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.maxSize(MIB - 1).decompress(zeros, name))
                .withMessageStartingWith("body: more than 1048575 bytes");
        assertThat(registry.maxSize(MIB).decompress(zeros, name)).hasSize(MIB);
    }

    @Test
    void defaultMaxSizeIs128MiB() throws IOException {
        byte[] noise = new byte[MIB];
        new Random(1).nextBytes(noise);
        byte[] bomb = compress("gzip", Arrays.copyOf(noise, 64 * MIB), 3);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.decompress(bomb, "gzip"))
                .withMessageStartingWith("body: more than 134217728 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd", "brotli"})
    void refusesTruncatedAndMalformedBodies(String name) throws IOException {
        byte[] body = new byte[10_000];
        new Random(1).nextBytes(body);
        byte[] compressed = compress(name, body, 1);
        for (byte[] malformed :
                new byte[][] {{1, 2, 3}, Arrays.copyOf(compressed, compressed.length / 2), Arrays.copyOf(compressed, 5)
                }) {
            assertThatExceptionOfType(DecodeException.class)
                    .as("%s bytes", malformed.length)
                    .isThrownBy(() -> registry.decompress(malformed, name))
                    .withMessageStartingWith("body cannot be decompressed as application/");
        }
    }

    @Test
    void xzMemoryIsLimited() {
        // A stream header, a block header with a dictionary of 1 GiB (octet 0x24) and a correct CRC, and the block.
        byte[] huge = HexFormat.of()
                .parseHex("fd377a585a000004e6d6b44602002101240000005e1fc7f90100000000000000000000000000000000");
        long before = allocatedByCurrentThread();
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.decompress(huge, "xz"))
                .withMessageContaining("memory");
        assertThat(allocatedByCurrentThread() - before).isLessThan(100L * MIB);
    }

    /** Kombu reads no other frames. */
    @Test
    void zstdFrameContainsItsContentSize() throws IOException {
        byte[] compressed = compress("zstd", new byte[MIB], 3);
        assertThat(com.github.luben.zstd.Zstd.getFrameContentSize(compressed)).isEqualTo(3L * MIB);
    }

    @Test
    void emptyBodyIsRefused() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.decompress(new byte[0], "zstd"))
                .withMessage("body: empty (expected: application/zstd)");
    }

    @Test
    void registryIsImmutableAndChecksItsLimits() {
        CompressorRegistry changed = registry.maxSize(5).maxRatio(1).with("custom", new Gzip());
        assertThat(registry.find("custom")).isEmpty();
        assertThat(changed.find("custom")).isPresent();
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
}
