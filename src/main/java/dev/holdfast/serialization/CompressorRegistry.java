package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializerNotInstalledException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The compressors that are known, by name and by content type, and how far a body may grow when it is decompressed:
 *
 * <ul>
 *   <li>never above {@link #maxSize}, by default 128 MiB;
 *   <li>above 8 MiB not to more than {@link #maxRatio} times its compressed size, by default 250 times. A small message
 *       that claims to be huge is so stopped at 8 MiB.
 * </ul>
 *
 * Immutable and thread-safe.
 */
public final class CompressorRegistry {
    private static final int FREE_SIZE = 8 << 20;

    private static final CompressorRegistry STANDARD = new CompressorRegistry(new TreeMap<>(), 128 << 20, 250)
            .with("gzip", new Gzip())
            .with("zlib", new Gzip())
            .optional("application/x-bz2", "org.apache.commons:commons-compress", () -> new Bzip2(), "bzip2", "bzip")
            .optional("application/x-lzma", "org.tukaani:xz", () -> new Xz(), "lzma", "xz")
            .optional("application/zstd", "com.github.luben:zstd-jni", () -> new Zstd(), "zstd", "zstandard")
            .optional(
                    "application/x-brotli",
                    "com.aayushatharva.brotli4j:brotli4j and its native library for this platform",
                    () -> new Brotli(),
                    "brotli");

    private final Map<String, Known<Compressor>> byName;
    private final int maxSize;
    private final int maxRatio;

    private CompressorRegistry(Map<String, Known<Compressor>> byName, int maxSize, int maxRatio) {
        this.byName = byName;
        this.maxSize = maxSize;
        this.maxRatio = maxRatio;
    }

    /**
     * Returns the registry of Kombu's compressors: {@code gzip} or {@code zlib}; {@code bzip2} or {@code bzip}; {@code
     * lzma} or {@code xz}; {@code zstd} or {@code zstandard}; {@code brotli}. All but the first need an optional library,
     * which is looked for when they are first used: {@code org.apache.commons:commons-compress}; {@code
     * org.tukaani:xz}; {@code com.github.luben:zstd-jni}; {@code com.aayushatharva.brotli4j:brotli4j} with its native
     * library.
     */
    public static CompressorRegistry standard() {
        return STANDARD;
    }

    /** Returns a copy that has the compressor under this name, in place of the one that had it. */
    public CompressorRegistry with(String name, Compressor compressor) {
        requireNonNull(name, "name");
        Known<Compressor> known = new Known<>(compressor.contentType(), false, null, () -> compressor);
        return new CompressorRegistry(Known.with(byName, name, known), maxSize, maxRatio);
    }

    private CompressorRegistry optional(
            String contentType, String library, Supplier<Compressor> source, String... names) {
        Known<Compressor> known = new Known<>(contentType, false, library, source);
        Map<String, Known<Compressor>> copy = byName;
        for (String name : names) {
            copy = Known.with(copy, name, known);
        }
        return new CompressorRegistry(copy, maxSize, maxRatio);
    }

    /** Returns a copy that decompresses to at most this many bytes; default 128 MiB. */
    public CompressorRegistry maxSize(int maxSize) {
        return new CompressorRegistry(byName, positive("maxSize", maxSize), maxRatio);
    }

    /** Returns a copy that, above 8 MiB, decompresses to at most this many times the compressed size; default 250. */
    public CompressorRegistry maxRatio(int maxRatio) {
        return new CompressorRegistry(byName, maxSize, positive("maxRatio", maxRatio));
    }

    private static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
        return value;
    }

    /**
     * Returns the compressor of this name or, where no name matches, of this content type.
     *
     * @throws SerializerNotInstalledException if there is none, and the message names those that there are; or if the
     *     library that it needs is absent, and the message names that
     */
    public Compressor get(String nameOrContentType) {
        return Known.named(byName, "compression", nameOrContentType).get();
    }

    /**
     * Returns the compressor of this name or, where no name matches, of this content type, if there is one.
     *
     * @throws SerializerNotInstalledException if the library that it needs is absent
     */
    public Optional<Compressor> find(String nameOrContentType) {
        Known<Compressor> known = byName.get(nameOrContentType);
        return Optional.ofNullable(known == null ? Known.ofType(byName, nameOrContentType) : known)
                .map(Known::get);
    }

    /**
     * Decompresses a body within this registry's limits.
     *
     * @throws DecodeException if the bytes are not of this format, or grow beyond the limits
     * @throws SerializerNotInstalledException as {@link #get}
     */
    public byte[] decompress(byte[] body, String nameOrContentType) {
        Compressor compressor = get(nameOrContentType);
        if (body.length == 0) {
            throw new DecodeException("body: empty (expected: what " + compressor.contentType() + " makes)", null);
        }
        int limit = (int) Math.min(maxSize, Math.max(FREE_SIZE, (long) maxRatio * body.length));
        try (InputStream in = compressor.decompress(new ByteArrayInputStream(body))) {
            // One byte more than may come tells a body that is too large from one that just fits.
            byte[] bytes = in.readNBytes(limit);
            if (bytes.length == limit && in.read() >= 0) {
                throw new DecodeException(
                        "body: more than " + limit + " bytes decompressed from " + body.length
                                + " (expected: at most " + maxSize + ", and above " + FREE_SIZE + " at most "
                                + maxRatio + " times the compressed size)",
                        null);
            }
            return bytes;
        } catch (IOException | RuntimeException e) {
            if (e instanceof DecodeException refused) {
                throw refused;
            }
            throw new DecodeException("body cannot be decompressed as " + compressor.contentType() + ": " + e, e);
        }
    }
}
