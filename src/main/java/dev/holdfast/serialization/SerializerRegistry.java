package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.SerializerNotInstalledException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Set of serializers, looked up by name or by content type. Immutable and thread-safe. */
public final class SerializerRegistry {
    private static final SerializerRegistry STANDARD = new SerializerRegistry(new TreeMap<>())
            .with("text", new Text())
            .with("raw", new Raw())
            // Jackson is a required library, but json is created lazily: its mapper is a large part of the start-up
            // time, and bytes and text do not need it.
            .withLazy(
                    "json", "application/json", false, "com.fasterxml.jackson.core:jackson-databind", () -> new Json())
            .withLazy("yaml", "application/x-yaml", false, "org.yaml:snakeyaml", () -> new YamlFormat())
            .withLazy("msgpack", "application/x-msgpack", false, "org.msgpack:msgpack-core", () -> new Msgpack())
            .withLazy(
                    "pickle", "application/x-python-serialize", true, "net.razorvine:pickle", () -> new PickleFormat());

    private final Map<String, RegistryEntry<Serializer>> byName;

    private SerializerRegistry(Map<String, RegistryEntry<Serializer>> byName) {
        this.byName = byName;
    }

    /**
     * Returns the registry of {@code json}, {@code yaml}, {@code msgpack}, {@code pickle}, {@code text} and {@code
     * raw}. Three of them need an optional library, which is loaded at the first use of the serializer:
     *
     * <ul>
     *   <li>{@code yaml}: {@code org.yaml:snakeyaml}
     *   <li>{@code msgpack}: {@code org.msgpack:msgpack-core}
     *   <li>{@code pickle}: {@code net.razorvine:pickle}
     * </ul>
     */
    public static SerializerRegistry standard() {
        return STANDARD;
    }

    /** Returns a copy with the serializer registered under this name, replacing any serializer of the same name. */
    public SerializerRegistry with(String name, Serializer serializer) {
        requireNonNull(name, "name");
        RegistryEntry<Serializer> entry =
                new RegistryEntry<>(serializer.contentType(), serializer.mayRunCode(), null, () -> serializer);
        return new SerializerRegistry(RegistryEntry.with(byName, name, entry));
    }

    private SerializerRegistry withLazy(
            String name, String contentType, boolean mayRunCode, String library, Supplier<Serializer> factory) {
        RegistryEntry<Serializer> entry = new RegistryEntry<>(contentType, mayRunCode, library, factory);
        return new SerializerRegistry(RegistryEntry.with(byName, name, entry));
    }

    /**
     * Returns the serializer with this name or, if no name matches, with this content type.
     *
     * @throws SerializerNotInstalledException if there is none: the message lists the names; or if the library that the
     *     serializer needs is absent: the message names the library
     */
    public Serializer get(String nameOrContentType) {
        return requireEntry(nameOrContentType).get();
    }

    /**
     * Returns the serializer with this name or, if no name matches, with this content type; empty if there is none.
     *
     * @throws SerializerNotInstalledException if the library that the serializer needs is absent
     */
    public Optional<Serializer> find(String nameOrContentType) {
        return Optional.ofNullable(RegistryEntry.find(byName, nameOrContentType))
                .map(RegistryEntry::get);
    }

    RegistryEntry<Serializer> requireEntry(String nameOrContentType) {
        return RegistryEntry.require(byName, "serializer", nameOrContentType);
    }

    @Nullable
    RegistryEntry<Serializer> findByContentType(String contentType) {
        return RegistryEntry.findByContentType(byName, contentType);
    }
}
