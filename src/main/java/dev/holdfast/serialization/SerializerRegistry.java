package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.SerializerNotInstalledException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Set of serializers, looked up by name or by content type. Immutable and thread-safe. */
public final class SerializerRegistry {
    private static final String JSON_TYPE = "application/json";
    private static final String YAML_TYPE = "application/x-yaml";
    private static final String MSGPACK_TYPE = "application/x-msgpack";

    private static final SerializerRegistry STANDARD = new SerializerRegistry(Map.of())
            .with("text", new Text())
            .with("raw", new Raw())
            .withLazy("kombu-json", JSON_TYPE, false, null, () -> Json.kombu())
            .withLazy("json", JSON_TYPE, false, null, () -> Json.plain())
            .withLazy("yaml", YAML_TYPE, false, "org.yaml:snakeyaml", () -> new YamlFormat())
            .withLazy("msgpack", MSGPACK_TYPE, false, "org.msgpack:msgpack-core", () -> new Msgpack())
            .withLazy(
                    "pickle", "application/x-python-serialize", true, "net.razorvine:pickle", () -> new PickleFormat());

    /** Content types of the standard serializers by other names of the same formats, and by structured suffix. */
    private static final Map<String, String> ALIASES = Map.ofEntries(
            Map.entry("text/json", JSON_TYPE),
            Map.entry("application/x-json", JSON_TYPE),
            Map.entry("json", JSON_TYPE),
            Map.entry("application/yaml", YAML_TYPE),
            Map.entry("text/yaml", YAML_TYPE),
            Map.entry("text/x-yaml", YAML_TYPE),
            Map.entry("application/vnd.yaml", YAML_TYPE),
            Map.entry("yaml", YAML_TYPE),
            Map.entry("application/msgpack", MSGPACK_TYPE),
            Map.entry("application/vnd.msgpack", MSGPACK_TYPE),
            Map.entry("msgpack", MSGPACK_TYPE));

    private final Map<String, RegistryEntry<Serializer>> byName;

    private SerializerRegistry(Map<String, RegistryEntry<Serializer>> byName) {
        this.byName = byName;
    }

    /**
     * Returns the registry of {@code json} ({@link Json#plain()}, the default for bodies other than text and bytes),
     * {@code kombu-json} ({@link Json#kombu()}), {@code yaml}, {@code msgpack}, {@code pickle}, {@code text} and {@code
     * raw}. Both JSON serializers read what either writes.
     * These need an optional library, which is loaded at their first use:
     *
     * <ul>
     *   <li>{@code json} and {@code kombu-json}: {@code com.fasterxml.jackson.core:jackson-databind} or {@code
     *       tools.jackson.core:jackson-databind}
     *   <li>{@code yaml}: {@code org.yaml:snakeyaml}
     *   <li>{@code msgpack}: {@code org.msgpack:msgpack-core}
     *   <li>{@code pickle}: {@code net.razorvine:pickle}
     * </ul>
     */
    public static SerializerRegistry standard() {
        return STANDARD;
    }

    /**
     * Returns a copy with the serializer registered under this name, replacing any serializer of the same name. Of
     * several serializers with one content type, received messages are read by the one that was added last.
     */
    public SerializerRegistry with(String name, Serializer serializer) {
        requireNonNull(name, "name");
        RegistryEntry<Serializer> entry =
                new RegistryEntry<>(serializer.contentType(), serializer.mayRunCode(), null, () -> serializer);
        return new SerializerRegistry(RegistryEntry.with(byName, name, entry));
    }

    /** @param library null if the factory names an absent library itself */
    private SerializerRegistry withLazy(
            String name,
            String contentType,
            boolean mayRunCode,
            @Nullable String library,
            Supplier<Serializer> factory) {
        RegistryEntry<Serializer> entry = new RegistryEntry<>(contentType, mayRunCode, library, factory);
        return new SerializerRegistry(RegistryEntry.with(byName, name, entry));
    }

    /**
     * Returns the serializer with this name or, if no name matches, of this content type, as {@link #find}.
     *
     * @throws SerializerNotInstalledException if there is none: the message lists the names; or if the library that the
     *     serializer needs is absent: the message names the library
     */
    public Serializer get(String nameOrContentType) {
        return requireEntry(nameOrContentType).get();
    }

    /**
     * Returns the serializer with this name or, if no name matches, of this content type; empty if there is none. The
     * content type is parsed: case and parameters do not matter; {@code text/json}, {@code application/yaml}, {@code
     * text/yaml}, {@code application/msgpack} and the structured suffixes {@code +json}, {@code +yaml} and {@code
     * +msgpack} are read by the serializers of these formats, unless a serializer has the content type itself.
     *
     * @throws SerializerNotInstalledException if the library that the serializer needs is absent
     */
    public Optional<Serializer> find(String nameOrContentType) {
        return Optional.ofNullable(findEntry(nameOrContentType)).map(RegistryEntry::get);
    }

    RegistryEntry<Serializer> requireEntry(String nameOrContentType) {
        RegistryEntry<Serializer> entry = findEntry(nameOrContentType);
        return entry == null ? RegistryEntry.require(byName, "serializer", nameOrContentType) : entry;
    }

    private @Nullable RegistryEntry<Serializer> findEntry(String nameOrContentType) {
        RegistryEntry<Serializer> named = byName.get(nameOrContentType);
        return named == null ? find(MediaType.parse(nameOrContentType)) : named;
    }

    @Nullable
    RegistryEntry<Serializer> find(MediaType type) {
        RegistryEntry<Serializer> entry = RegistryEntry.findByContentType(byName, type.essence());
        if (entry != null || type.essence().indexOf('/') < 0) {
            return entry;
        }
        String alias = ALIASES.get(type.essence());
        String contentType = alias == null ? ALIASES.get(type.suffix()) : alias;
        return contentType == null ? null : RegistryEntry.findByContentType(byName, contentType);
    }
}
