package dev.holdfast.serialization;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which content types a reader takes. Whatever the list, {@code application/data}, {@code application/text} and {@code
 * text/plain} are taken: nothing in them is interpreted. Immutable and thread-safe.
 */
public final class Accept {
    private static final Accept SAFE = new Accept(Set.of());

    /** Empty for all that runs no code. */
    private final Set<String> names;

    private Accept(Set<String> names) {
        this.names = names;
    }

    /** Returns the default: every serializer that is known but those whose messages may run code. */
    public static Accept safe() {
        return SAFE;
    }

    /** Returns the list of these names or content types; naming {@code pickle} switches it on. */
    public static Accept only(String... namesOrContentTypes) {
        return new Accept(Set.copyOf(new TreeSet<>(Set.of(namesOrContentTypes))));
    }

    /** Returns the names and content types; empty for the default. */
    public Set<String> names() {
        return names;
    }
}
