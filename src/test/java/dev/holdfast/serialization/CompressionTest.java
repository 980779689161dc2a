package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
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

    /** What Python's zlib, bz2, lzma, brotli and zstandard make of three times {"hello": "world"}, as Kombu calls them. */
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
    void everyAliasHasKombusTypeAndBytes(String aliases, String contentType, String magic, String fromPython)
            throws IOException {
        byte[] body = "{\"hello\": \"world\"}".repeat(3).getBytes(UTF_8);
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
    void aCompressorOfYourOwnTakesPart() {
        CompressorRegistry mine = registry.with("flip", new Flip());
        byte[] body = {1, 2, 3};
        try (EncodedBody encoded =
                new BodyEncoder(SerializerRegistry.standard(), mine).encode(body, null, null, null, "flip")) {
            assertThat(encoded.bytes()).containsExactly(~1, ~2, ~3);
            assertThat(encoded.compression()).isEqualTo("application/x-flip");
            assertThat(encoded.contentType()).isEqualTo("application/data");
            assertThat(new BodyDecoder(SerializerRegistry.standard(), mine)
                            .decode(encoded.bytes(), null, "binary", encoded.compression(), Accept.safe()))
                    .isEqualTo(body);
        }
        assertThatExceptionOfType(DecodeException.class)
                .as("its limits too")
                .isThrownBy(() -> mine.maxSize(2).decompress(body, "flip"));
        assertThatExceptionOfType(SerializerNotInstalledException.class)
                .isThrownBy(() -> registry.get("flip"))
                .withMessageStartingWith("compression: flip (expected: one of [brotli, bzip, bzip2, gzip, lzma, xz");
    }

    /** Every bit the other way round. */
    private static final class Flip implements Compressor {
        @Override
        public String contentType() {
            return "application/x-flip";
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
        // A stream header, a block header whose dictionary is 1 GiB (octet 0x24) and whose CRC is right, and the block.
        byte[] huge = HexFormat.of()
                .parseHex("fd377a585a000004e6d6b44602002101240000005e1fc7f90100000000000000000000000000000000");
        long before = allocated();
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.decompress(huge, "xz"))
                .withMessageContaining("memory");
        assertThat(allocated() - before).isLessThan(100L * MIB);
    }

    @Test
    void zstdTellsItsSizeAtTheStartForKombuReadsNoOther() throws IOException {
        byte[] compressed = compress("zstd", new byte[MIB], 3);
        assertThat(com.github.luben.zstd.Zstd.getFrameContentSize(compressed)).isEqualTo(3L * MIB);
    }

    @Test
    void nothingIsNoCompressedBody() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> registry.decompress(new byte[0], "zstd"))
                .withMessage("body: empty (expected: application/zstd)");
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
