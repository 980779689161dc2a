package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.SerializerNotInstalledException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The serializers that are known, by name and by content type. Immutable and thread-safe. */
public final class SerializerRegistry {
    private static final SerializerRegistry STANDARD = new SerializerRegistry(new TreeMap<>())
            .with("text", new Text())
            .with("raw", new Raw())
            // Not optional, but its mapper is about a third of a start-up, and bytes and text do without.
            .optional(
                    "json", "application/json", false, "com.fasterxml.jackson.core:jackson-databind", () -> new Json())
            .optional("yaml", "application/x-yaml", false, "org.yaml:snakeyaml", () -> new YamlFormat())
            .optional("msgpack", "application/x-msgpack", false, "org.msgpack:msgpack-core", () -> new Msgpack())
            .optional(
                    "pickle", "application/x-python-serialize", true, "net.razorvine:pickle", () -> new PickleFormat());

    private final Map<String, Known<Serializer>> byName;

    private SerializerRegistry(Map<String, Known<Serializer>> byName) {
        this.byName = byName;
    }

    /**
     * Returns the registry of {@code json}, {@code yaml}, {@code msgpack}, {@code pickle}, {@code text} and {@code raw}.
     * Three of them need an optional library, which is looked for when they are first used: {@code
     * org.yaml:snakeyaml}, {@code org.msgpack:msgpack-core}, {@code net.razorvine:pickle}.
     */
    public static SerializerRegistry standard() {
        return STANDARD;
    }

    /** Returns a copy that has the serializer under this name, in place of the one that had it. */
    public SerializerRegistry with(String name, Serializer serializer) {
        requireNonNull(name, "name");
        Known<Serializer> known =
                new Known<>(serializer.contentType(), serializer.mayRunCode(), null, () -> serializer);
        return new SerializerRegistry(Known.with(byName, name, known));
    }

    private SerializerRegistry optional(
            String name, String contentType, boolean mayRunCode, String library, Supplier<Serializer> source) {
        return new SerializerRegistry(Known.with(byName, name, new Known<>(contentType, mayRunCode, library, source)));
    }

    /**
     * Returns the serializer of this name or, where no name matches, of this content type.
     *
     * @throws SerializerNotInstalledException if there is none, and the message names those that there are; or if the
     *     library that it needs is absent, and the message names that
     */
    public Serializer get(String nameOrContentType) {
        return known(nameOrContentType).get();
    }

    /**
     * Returns the serializer of this name or, where no name matches, of this content type, if there is one.
     *
     * @throws SerializerNotInstalledException if the library that it needs is absent
     */
    public Optional<Serializer> find(String nameOrContentType) {
        Known<Serializer> known = byName.get(nameOrContentType);
        return Optional.ofNullable(known == null ? ofType(nameOrContentType) : known)
                .map(Known::get);
    }

    Known<Serializer> known(String nameOrContentType) {
        return Known.named(byName, "serializer", nameOrContentType);
    }

    @Nullable
    Known<Serializer> ofType(String contentType) {
        return Known.ofType(byName, contentType);
    }
}
