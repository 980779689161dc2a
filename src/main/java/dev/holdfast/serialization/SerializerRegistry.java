package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The serializers that are known, by name and by content type. Immutable and thread-safe. */
public final class SerializerRegistry {
    private static final SerializerRegistry STANDARD = new SerializerRegistry(new TreeMap<>())
            .with("json", new Json())
            .with("text", new Text())
            .with("raw", new Raw());

    private final Map<String, Serializer> byName;

    private SerializerRegistry(Map<String, Serializer> byName) {
        this.byName = Collections.unmodifiableMap(byName);
    }

    /** Returns the registry of {@code json}, {@code text} and {@code raw}. */
    public static SerializerRegistry standard() {
        return STANDARD;
    }

    /** Returns a copy that has the serializer under this name, in place of the one that had it. */
    public SerializerRegistry with(String name, Serializer serializer) {
        requireNonNull(name, "name");
        requireNonNull(serializer, "serializer");
        Map<String, Serializer> copy = new TreeMap<>(byName);
        copy.put(name, serializer);
        return new SerializerRegistry(copy);
    }

    /**
     * Returns the serializer of this name or, where no name matches, of this content type.
     *
     * @throws IllegalArgumentException if there is none; the message names those that there are
     */
    public Serializer get(String nameOrContentType) {
        return find(nameOrContentType)
                .orElseThrow(() -> new IllegalArgumentException(
                        "serializer: " + nameOrContentType + " (expected: one of " + byName.keySet() + ")"));
    }

    /** Returns the serializer of this name or, where no name matches, of this content type, if there is one. */
    public Optional<Serializer> find(String nameOrContentType) {
        Serializer named = byName.get(requireNonNull(nameOrContentType, "nameOrContentType"));
        if (named != null) {
            return Optional.of(named);
        }
        return byName.values().stream()
                .filter(serializer -> serializer.contentType().equals(nameOrContentType))
                .findFirst();
    }
}
