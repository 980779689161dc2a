package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializerNotInstalledException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Set of compressors, looked up by name or by content type, with limits on the size of a decompressed body:
 *
 * <ul>
 *   <li>never more than {@link #maxSize} bytes, by default 128 MiB;
 *   <li>above 8 MiB, not more than {@link #maxRatio} times the compressed size, by default 250 times. Decompression
 *       of a small message that expands to a huge one therefore stops at 8 MiB.
 * </ul>
 *
 * Immutable and thread-safe.
 */
public final class CompressorRegistry {
    /** Size up to which the ratio is not limited: 8 MiB. */
    private static final int UNLIMITED_RATIO_SIZE = 8 << 20;

    /** A body that was compressed more often is refused: each step takes time and memory. */
    private static final int MAX_CODINGS = 3;

    private static final CompressorRegistry STANDARD = new CompressorRegistry(Map.of(), 128 << 20, 250)
            .with("gzip", new Gzip())
            .with("zlib", new Gzip())
            .withLazy("application/x-bz2", "org.apache.commons:commons-compress", () -> new Bzip2(), "bzip2", "bzip")
            .withLazy("application/x-lzma", "org.tukaani:xz", () -> new Xz(), "lzma", "xz")
            .withLazy("application/zstd", "com.github.luben:zstd-jni", () -> new Zstd(), "zstd", "zstandard")
            .withLazy(
                    "application/x-brotli",
                    "com.aayushatharva.brotli4j:brotli4j and its native library for this platform",
                    () -> new Brotli(),
                    "brotli");

    private final Map<String, RegistryEntry<Compressor>> byName;
    private final int maxSize;
    private final int maxRatio;

    private CompressorRegistry(Map<String, RegistryEntry<Compressor>> byName, int maxSize, int maxRatio) {
        this.byName = byName;
        this.maxSize = maxSize;
        this.maxRatio = maxRatio;
    }

    /**
     * Returns the registry of Kombu's compressors. All but the first need an optional library, which is loaded at the
     * first use of the compressor:
     *
     * <ul>
     *   <li>{@code gzip} or {@code zlib}
     *   <li>{@code bzip2} or {@code bzip}: {@code org.apache.commons:commons-compress}
     *   <li>{@code lzma} or {@code xz}: {@code org.tukaani:xz}
     *   <li>{@code zstd} or {@code zstandard}: {@code com.github.luben:zstd-jni}
     *   <li>{@code brotli}: {@code com.aayushatharva.brotli4j:brotli4j} with its native library
     * </ul>
     */
    public static CompressorRegistry standard() {
        return STANDARD;
    }

    /** Returns a copy with the compressor registered under this name, replacing any compressor of the same name. */
    public CompressorRegistry with(String name, Compressor compressor) {
        requireNonNull(name, "name");
        RegistryEntry<Compressor> entry = new RegistryEntry<>(compressor.contentType(), false, null, () -> compressor);
        return new CompressorRegistry(RegistryEntry.with(byName, name, entry), maxSize, maxRatio);
    }

    private CompressorRegistry withLazy(
            String contentType, String library, Supplier<Compressor> factory, String... names) {
        RegistryEntry<Compressor> entry = new RegistryEntry<>(contentType, false, library, factory);
        Map<String, RegistryEntry<Compressor>> copy = byName;
        for (String name : names) {
            copy = RegistryEntry.with(copy, name, entry);
        }
        return new CompressorRegistry(copy, maxSize, maxRatio);
    }

    /** Returns a copy that decompresses a body to at most this many bytes; default 128 MiB. */
    public CompressorRegistry maxSize(int maxSize) {
        return new CompressorRegistry(byName, positive("maxSize", maxSize), maxRatio);
    }

    /**
     * Returns a copy that, above 8 MiB, decompresses a body to at most this many times its compressed size; default
     * 250.
     */
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
     * Returns the compressor with this name or, if no name matches, with this content type.
     *
     * @throws SerializerNotInstalledException if there is none: the message lists the names; or if the library that the
     *     compressor needs is absent: the message names the library
     */
    public Compressor get(String nameOrContentType) {
        return RegistryEntry.require(byName, "compression", nameOrContentType).get();
    }

    /**
     * Returns the compressor with this name or, if no name matches, with this content type; empty if there is none.
     *
     * @throws SerializerNotInstalledException if the library that the compressor needs is absent
     */
    public Optional<Compressor> find(String nameOrContentType) {
        return Optional.ofNullable(RegistryEntry.find(byName, nameOrContentType))
                .map(RegistryEntry::get);
    }

    /**
     * Returns the compressor of a content coding in lower case, with or without the prefix {@code x-}; null if it is
     * none. The codings of HTTP take precedence over Kombu's names.
     */
    @Nullable
    Compressor findCoding(String coding) {
        String name = coding.startsWith("x-") ? coding.substring(2) : coding;
        Compressor standard = ContentCodings.BY_NAME.get(name);
        RegistryEntry<Compressor> entry = byName.get(name.equals("br") ? "brotli" : name);
        return standard != null || entry == null ? standard : entry.get();
    }

    /**
     * Decompresses a body within this registry's limits.
     *
     * @throws DecodeException if the bytes are not of this format, or the decompressed body exceeds the limits
     * @throws SerializerNotInstalledException as {@link #get}
     */
    public byte[] decompress(byte[] body, String nameOrContentType) {
        return decompress(body, List.of(get(nameOrContentType)));
    }

    /** Decompresses a body by each compressor in turn. The limits apply to each result, by the size of the body. */
    byte[] decompress(byte[] body, List<Compressor> compressors) {
        if (compressors.size() > MAX_CODINGS) {
            throw new DecodeException(
                    "body: compressed " + compressors.size() + " times (expected: at most " + MAX_CODINGS + ")", null);
        }
        byte[] bytes = body;
        for (Compressor compressor : compressors) {
            bytes = decompress(bytes, compressor, body.length);
        }
        return bytes;
    }

    private byte[] decompress(byte[] compressed, Compressor compressor, int bodyLength) {
        if (compressed.length == 0) {
            throw new DecodeException("body: empty (expected: " + compressor.contentType() + ")", null);
        }
        int limit = (int) Math.min(maxSize, Math.max(UNLIMITED_RATIO_SIZE, (long) maxRatio * bodyLength));
        try (InputStream in = compressor.decompress(new ByteArrayInputStream(compressed))) {
            byte[] bytes = in.readNBytes(limit);
            // A byte past the limit distinguishes a body that is too large from one of exactly the limit.
            if (bytes.length == limit && in.read() >= 0) {
                throw new DecodeException(
                        "body: more than " + limit + " bytes decompressed from " + bodyLength
                                + " (expected: at most " + maxSize + ", and above " + UNLIMITED_RATIO_SIZE
                                + " at most " + maxRatio + " times the compressed size)",
                        null);
            }
            return bytes;
        } catch (DecodeException e) {
            throw e;
        } catch (IOException | RuntimeException | StackOverflowError e) { // gzip recurses over empty members
            throw new DecodeException("body cannot be decompressed as " + compressor.contentType() + ": " + e, e);
        }
    }
}
