package dev.holdfast.serialization;

import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * Content types that a consumer accepts, as Kombu's {@code accept}. Every list also accepts {@code application/data},
 * {@code application/text} and {@code text/plain}: bytes and text are not interpreted. Immutable and thread-safe.
 */
public final class Accept {
    private static final Accept SAFE = new Accept(Set.of());

    private final Set<String> names;

    private Accept(Set<String> names) {
        this.names = names;
    }

    /**
     * Returns the default: accepts every content type, except those of serializers that may run code when a message is
     * read, as pickle's does.
     */
    public static Accept safe() {
        return SAFE;
    }

    /**
     * Returns a list of serializer names and content types; the name {@code pickle} enables pickle. The list is checked
     * where it is used: a name without a serializer is refused. A content type needs no serializer.
     */
    public static Accept only(String... namesOrContentTypes) {
        return new Accept(Collections.unmodifiableSet(new TreeSet<>(Arrays.asList(namesOrContentTypes))));
    }

    /** Tells whether this is {@link #safe()}. */
    public boolean isSafe() {
        return this == SAFE;
    }

    /** Returns the names and content types of the list; empty for {@link #safe()}. */
    public Set<String> names() {
        return names;
    }

    /** Returns the list, or a description of {@link #safe()}. */
    @Override
    public String toString() {
        return isSafe() ? "any content type that runs no code" : names.toString();
    }
}
