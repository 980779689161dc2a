package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The compressors that are known, by name and by content type. Immutable and thread-safe. */
public final class CompressorRegistry {
    private static final CompressorRegistry STANDARD =
            new CompressorRegistry(new TreeMap<>()).with("gzip", new Gzip()).with("zlib", new Gzip());

    private final Map<String, Compressor> byName;

    private CompressorRegistry(Map<String, Compressor> byName) {
        this.byName = Collections.unmodifiableMap(byName);
    }

    /** Returns the registry of {@code gzip}, which is also called {@code zlib}. */
    public static CompressorRegistry standard() {
        return STANDARD;
    }

    /** Returns a copy that has the compressor under this name, in place of the one that had it. */
    public CompressorRegistry with(String name, Compressor compressor) {
        requireNonNull(name, "name");
        requireNonNull(compressor, "compressor");
        Map<String, Compressor> copy = new TreeMap<>(byName);
        copy.put(name, compressor);
        return new CompressorRegistry(copy);
    }

    /**
     * Returns the compressor of this name or, where no name matches, of this content type.
     *
     * @throws IllegalArgumentException if there is none; the message names those that there are
     */
    public Compressor get(String nameOrContentType) {
        return find(nameOrContentType)
                .orElseThrow(() -> new IllegalArgumentException(
                        "compression: " + nameOrContentType + " (expected: one of " + byName.keySet() + ")"));
    }

    /** Returns the compressor of this name or, where no name matches, of this content type, if there is one. */
    public Optional<Compressor> find(String nameOrContentType) {
        Compressor named = byName.get(requireNonNull(nameOrContentType, "nameOrContentType"));
        if (named != null) {
            return Optional.of(named);
        }
        return byName.values().stream()
                .filter(compressor -> compressor.contentType().equals(nameOrContentType))
                .findFirst();
    }
}
