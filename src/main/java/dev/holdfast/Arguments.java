package dev.holdfast;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks of arguments; each error message has the form {@code name: value (expected: constraint)}. */
final class Arguments {
    /** Maximum of every duration option: the sum of two fits into a long of nanoseconds. */
    private static final Duration MAX_DURATION = Duration.ofDays(3650);

    private static final int MAX_SHORT_STRING = 255;

    /** Code points of a rejected string that the error message quotes. */
    private static final int MAX_QUOTED = 40;

    /** Maximum nesting of tables and lists on the wire. */
    private static final int MAX_DEPTH = 32;

    private Arguments() {}

    static IllegalArgumentException invalid(String name, Object value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    static int range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw invalid(name, value, max == Integer.MAX_VALUE ? ">= " + min : min + " to " + max);
        }
        return value;
    }

    static long atLeast(String name, long value, long min) {
        if (value < min) {
            throw invalid(name, value, ">= " + min);
        }
        return value;
    }

    static String oneOf(String name, String value, String... allowed) {
        if (!List.of(allowed).contains(value)) {
            throw invalid(name, value, String.join(", ", allowed));
        }
        return value;
    }

    static Duration positive(String name, Duration value) {
        requireNonNull(value, name);
        if (value.isZero() || value.isNegative() || value.compareTo(MAX_DURATION) > 0) {
            throw invalid(name, value, "> 0, at most 3650 days");
        }
        return value;
    }

    static Duration notNegative(String name, Duration value) {
        requireNonNull(value, name);
        if (value.isNegative() || value.compareTo(MAX_DURATION) > 0) {
            throw invalid(name, value, ">= 0, at most 3650 days");
        }
        return value;
    }

    /** Checks that the value fits an AMQP short string: at most 255 bytes of UTF-8. */
    static String shortString(String name, String value) {
        requireNonNull(value, name);
        requireUnicode(name, value);
        if (value.length() > MAX_SHORT_STRING / 3) {
            int bytes = value.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_SHORT_STRING) {
                String start = value.substring(0, value.offsetByCodePoints(0, MAX_QUOTED));
                throw invalid(name, "'" + start + "...', " + bytes + " bytes", "<= 255 bytes of UTF-8");
            }
        }
        return value;
    }

    /** Half a surrogate pair cannot be encoded: on the wire, different names would be equal. */
    private static void requireUnicode(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            int c = value.codePointAt(i);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw invalid(name, "'" + value + "', half a surrogate pair at " + i, "Unicode");
            }
            i += Character.charCount(c) - 1;
        }
    }

    static @Nullable String optionalShortString(String name, @Nullable String value) {
        return value == null ? null : shortString(name, value);
    }

    /** Returns an unmodifiable deep copy of a table; keys are short strings, values may be null. */
    static Map<String, Object> table(String name, Map<String, ?> table) {
        requireNonNull(table, name);
        table.keySet().forEach(key -> shortString(name + " key", key));
        Map<String, Object> copy = new LinkedHashMap<>(table);
        copy.replaceAll((key, value) -> immutableCopy(value, 1));
        return Collections.unmodifiableMap(copy);
    }

    /** Returns a deep copy of a table value: mutable maps, lists, arrays, dates and texts become immutable. */
    static Object immutableCopy(Object value) {
        return immutableCopy(requireNonNull(value, "value"), 1);
    }

    @SuppressWarnings("JavaUtilDate") // some subclasses do not support toInstant()
    private static Object immutableCopy(Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw invalid("nesting", depth, "<= " + MAX_DEPTH);
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>(map);
            copy.replaceAll((key, element) -> immutableCopy(element, depth + 1));
            return Collections.unmodifiableMap(copy);
        }
        if (value instanceof Collection<?> || value instanceof Object[]) {
            List<Object> copy =
                    new ArrayList<>(value instanceof Object[] array ? Arrays.asList(array) : (Collection<?>) value);
            copy.replaceAll(element -> immutableCopy(element, depth + 1));
            return Collections.unmodifiableList(copy);
        }
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value instanceof Date date) {
            return Instant.ofEpochMilli(date.getTime()); // has the same wire format
        }
        return value instanceof CharSequence ? value.toString() : value;
    }
}
