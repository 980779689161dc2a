package dev.holdfast.serialization;

import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which content types a reader takes. Whatever the list, {@code application/data}, {@code application/text} and {@code
 * text/plain} are taken: nothing in them is interpreted. Immutable and thread-safe.
 */
public final class Accept {
    private static final Accept SAFE = new Accept(Set.of());

    private final Set<String> names;

    private Accept(Set<String> names) {
        this.names = names;
    }

    /** Returns the default: every content type but those of serializers whose messages may run code, as pickle's may. */
    public static Accept safe() {
        return SAFE;
    }

    /**
     * Returns the list of these names or content types; naming {@code pickle} switches it on. A name that no serializer
     * has is refused by whatever is given the list; a content type needs no serializer.
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

    /** Returns the list. */
    @Override
    public String toString() {
        return isSafe() ? "all that runs no code" : names.toString();
    }
}
