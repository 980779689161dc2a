package dev.holdfast.serialization;

import dev.holdfast.SerializerNotInstalledException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a registry holds under a name. Where it is costly or needs an optional library it is known without: made once, at
 * the first use, and its class not loaded before that, for which the source must be a lambda and no reference to the constructor.
 */
final class Known<T> {
    final String contentType;
    final boolean mayRunCode;
    private final @Nullable String library;
    private final Supplier<T> source;
    private volatile @Nullable T made;

    Known(String contentType, boolean mayRunCode, @Nullable String library, Supplier<T> source) {
        this.contentType = contentType;
        this.mayRunCode = mayRunCode;
        this.library = library;
        this.source = source;
    }

    T get() {
        T present = made;
        return present == null ? make() : present;
    }

    private synchronized T make() {
        T present = made;
        if (present == null) {
            try {
                present = source.get();
            } catch (LinkageError e) {
                throw new SerializerNotInstalledException(
                        contentType + " needs a library that is not there (expected: " + library + ")", e);
            }
            made = present;
        }
        return present;
    }

    /** A copy with one more, in the order of the names, which are looked up for every publish. */
    static <T> Map<String, Known<T>> with(Map<String, Known<T>> byName, String name, Known<T> known) {
        Map<String, Known<T>> sorted = new TreeMap<>(byName);
        sorted.put(name, known);
        return new LinkedHashMap<>(sorted);
    }

    /** What has this content type, whatever its name; null for nothing. */
    static <T> @Nullable Known<T> ofType(Map<String, Known<T>> byName, String contentType) {
        for (Known<T> known : byName.values()) {
            if (known.contentType.equals(contentType)) {
                return known;
            }
        }
        return null;
    }

    /** What has this name or, where no name matches, this content type. */
    static <T> Known<T> named(Map<String, Known<T>> byName, String what, String nameOrContentType) {
        Known<T> known = byName.get(nameOrContentType);
        if (known == null) {
            known = ofType(byName, nameOrContentType);
        }
        if (known == null) {
            throw new SerializerNotInstalledException(
                    what + ": " + nameOrContentType + " (expected: one of " + byName.keySet() + ")", null);
        }
        return known;
    }
}
