package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.text.Utf8;
import dev.holdfast.internal.wire.FieldValues;
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
        String problem = shortStringProblem(value);
        if (problem != null) {
            throw new IllegalArgumentException(name + ": " + problem);
        }
        return value;
    }

    static @Nullable String optionalShortString(String name, @Nullable String value) {
        return value == null ? null : shortString(name, value);
    }

    private static @Nullable String shortStringProblem(String value) {
        String problem = FieldValues.problem(value);
        if (problem != null || value.length() <= MAX_SHORT_STRING / 3) {
            return problem;
        }
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        return bytes <= MAX_SHORT_STRING
                ? null
                : "'" + value.substring(0, value.offsetByCodePoints(0, MAX_QUOTED)) + "...', " + bytes
                        + " bytes (expected: <= 255 bytes of UTF-8)";
    }

    /** Checks that UTF-8 can encode a secret; the error does not quote it. */
    static String secret(String name, String value) {
        String problem = Utf8.problem(requireNonNull(value, name));
        if (problem != null) {
            throw invalid(name, problem, "Unicode");
        }
        return value;
    }

    /** Checks that a time can be sent: whole seconds since 1970, before the year 10000. */
    static @Nullable Instant optionalTime(String name, @Nullable Instant value) {
        String problem = value == null ? null : FieldValues.timeProblem(value);
        if (problem != null) {
            throw new IllegalArgumentException(name + ": " + problem);
        }
        return value;
    }

    /**
     * Returns an unmodifiable deep copy of a table; keys are short strings, values may be null. The error for a value
     * that cannot be sent names its place: {@code headers.prices[2]: NaN (expected: a finite number)}.
     */
    static Map<String, Object> table(String name, Map<String, ?> table) {
        requireNonNull(table, name);
        try {
            return copyTable(table, 1);
        } catch (UnsendableException e) {
            throw new IllegalArgumentException(name + e.getMessage());
        }
    }

    /**
     * Returns a deep copy of a value of a table: mutable maps, lists, arrays, dates and texts become immutable. Errors
     * as those of {@link #table}.
     */
    static Object tableValue(String name, Object value) {
        requireNonNull(value, "value");
        try {
            return immutableCopy(value, 1);
        } catch (UnsendableException e) {
            throw new IllegalArgumentException(name + e.getMessage());
        }
    }

    private static Map<String, Object> copyTable(Map<?, ?> table, int depth) {
        Map<String, Object> copy = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : table.entrySet()) {
            if (!(entry.getKey() instanceof String key)) {
                throw new UnsendableException(" key: " + entry.getKey() + " (expected: a string)");
            }
            String problem = shortStringProblem(key);
            if (problem != null) {
                throw new UnsendableException(" key: " + problem);
            }
            try {
                copy.put(key, immutableCopy(entry.getValue(), depth));
            } catch (UnsendableException e) {
                throw new UnsendableException("." + key + e.getMessage());
            }
        }
        return Collections.unmodifiableMap(copy);
    }

    private static List<Object> copyList(Collection<?> values, int depth) {
        List<Object> copy = new ArrayList<>(values.size());
        for (Object value : values) {
            try {
                copy.add(immutableCopy(value, depth));
            } catch (UnsendableException e) {
                throw new UnsendableException("[" + copy.size() + "]" + e.getMessage());
            }
        }
        return Collections.unmodifiableList(copy);
    }

    /** @param depth nesting of the table or list that contains the value; the outermost table has 1 */
    @SuppressWarnings("JavaUtilDate") // some subclasses do not support toInstant()
    private static Object immutableCopy(Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            return copyTable(map, nested(depth));
        }
        if (value instanceof Collection<?> values) {
            return copyList(values, nested(depth));
        }
        if (value instanceof Object[] values) {
            return copyList(Arrays.asList(values), nested(depth));
        }
        String problem = FieldValues.problem(value);
        if (problem != null) {
            throw new UnsendableException(": " + problem);
        }
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value instanceof Date date) {
            return Instant.ofEpochMilli(date.getTime()); // has the same wire format
        }
        return value instanceof CharSequence ? value.toString() : value;
    }

    private static int nested(int depth) {
        if (depth == MAX_DEPTH) {
            throw invalid("nesting", depth + 1, "<= " + MAX_DEPTH);
        }
        return depth + 1;
    }

    /** A value that cannot be sent; the message begins with its place relative to the table that is copied. */
    private static final class UnsendableException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        UnsendableException(String message) {
            super(message);
        }
    }
}
