package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Refuses more than 1,000 keys of a map, or elements of a set, with the same hash code. A HashMap sorts such keys if
 * all are of one Comparable class; it compares any others one by one, so that a sender could craft a map that takes
 * time in the square of its size.
 */
final class KeyCollisions {
    static final int MAX = 1000;

    /** Classes that are Comparable with themselves, which HashMap requires. */
    private static final Set<Class<?>> SORTED = Set.of(
            String.class,
            Integer.class,
            Long.class,
            BigInteger.class,
            Double.class,
            UUID.class,
            OffsetDateTime.class,
            LocalTime.class,
            Duration.class);

    private int size;
    private boolean isSorted = true;
    private @Nullable Class<?> type;
    private @Nullable Map<Integer, Integer> countsByHash;

    /** Called for every key before it is put into the map. */
    void add(@Nullable Object key) {
        if (key == null) {
            return;
        }
        if (type == null) {
            type = key.getClass();
            isSorted = SORTED.contains(type);
        } else if (type != key.getClass()) {
            isSorted = false;
        }
        if (++size <= MAX || isSorted) {
            return;
        }
        if (countsByHash == null) {
            countsByHash = new HashMap<>();
        }
        if (countsByHash.merge(key.hashCode(), 1, Integer::sum) > MAX) {
            throw new DecodeException(
                    "body: more than " + MAX + " keys of a map with one hash code (expected: fewer)", null);
        }
    }
}
