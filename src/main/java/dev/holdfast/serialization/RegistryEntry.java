package dev.holdfast.serialization;

import dev.holdfast.SerializerNotInstalledException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lazily created serializer or compressor of a registry. The content type is available without the instance. The first
 * call of {@link #get} creates the instance, once: it is costly or needs an optional library. The factory must be a
 * lambda: a reference to the constructor would load the class of the instance earlier.
 */
final class RegistryEntry<T> {
    final String contentType;
    final boolean mayRunCode;
    private final @Nullable String library;
    private final Supplier<T> factory;
    private volatile @Nullable T instance;

    /** @param library the optional library that the instance needs, for the message of the exception; null for none */
    RegistryEntry(String contentType, boolean mayRunCode, @Nullable String library, Supplier<T> factory) {
        this.contentType = contentType;
        this.mayRunCode = mayRunCode;
        this.library = library;
        this.factory = factory;
    }

    T get() {
        T existing = instance;
        return existing == null ? create() : existing;
    }

    private synchronized T create() {
        T created = instance;
        if (created == null) {
            try {
                created = factory.get();
            } catch (LinkageError e) {
                throw new SerializerNotInstalledException(
                        contentType + " needs a library that is absent (expected: " + library + ")", e);
            }
            instance = created;
        }
        return created;
    }

    /**
     * Returns a copy with this entry added, as the first one: of several entries with one content type the newest is
     * found. A hash map, since each publish looks up a name.
     */
    static <T> Map<String, RegistryEntry<T>> with(
            Map<String, RegistryEntry<T>> byName, String name, RegistryEntry<T> entry) {
        Map<String, RegistryEntry<T>> newestFirst = new LinkedHashMap<>();
        newestFirst.put(name, entry);
        byName.forEach(newestFirst::putIfAbsent);
        return newestFirst;
    }

    /** Returns the newest entry with this content type; null if there is none. */
    static <T> @Nullable RegistryEntry<T> findByContentType(Map<String, RegistryEntry<T>> byName, String contentType) {
        for (RegistryEntry<T> entry : byName.values()) {
            if (entry.contentType.equalsIgnoreCase(contentType)) {
                return entry;
            }
        }
        return null;
    }

    /** Returns the entry with this name or, if no name matches, with this content type; null if there is none. */
    static <T> @Nullable RegistryEntry<T> find(Map<String, RegistryEntry<T>> byName, String nameOrContentType) {
        RegistryEntry<T> entry = byName.get(nameOrContentType);
        return entry == null ? findByContentType(byName, nameOrContentType) : entry;
    }

    /**
     * Returns the entry with this name or, if no name matches, with this content type.
     *
     * @param kind "serializer" or "compression", for the message of the exception
     * @throws SerializerNotInstalledException if there is none; the message lists the names
     */
    static <T> RegistryEntry<T> require(Map<String, RegistryEntry<T>> byName, String kind, String nameOrContentType) {
        RegistryEntry<T> entry = find(byName, nameOrContentType);
        if (entry == null) {
            throw new SerializerNotInstalledException(
                    kind + ": " + nameOrContentType + " (expected: one of " + new TreeSet<>(byName.keySet()) + ")",
                    null);
        }
        return entry;
    }
}
