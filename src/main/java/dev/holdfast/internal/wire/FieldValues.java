package dev.holdfast.internal.wire;

import dev.holdfast.Unsigned;
import dev.holdfast.internal.text.Utf8;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * The single values that a field table can hold, as {@link FieldTable} writes them. The API checks values by the same
 * rules when it receives them, so that no value is refused while it is encoded. Stateless.
 */
public final class FieldValues {
    /** The last second of year 9999: many clients have no later time, and some fail on one. */
    private static final long MAX_SECONDS = 253_402_300_799L;

    private static final int MAX_QUOTED = 40;

    private FieldValues() {}

    /**
     * Returns the value and the constraint that it violates, such as "NaN (expected: a finite number)"; null if the
     * value can be written.
     */
    @SuppressWarnings("JavaUtilDate") // the type is a value of field tables
    public static @Nullable String problem(@Nullable Object value) {
        if (value instanceof CharSequence || value instanceof Character) {
            return textProblem(value.toString());
        }
        if (value instanceof Number number) {
            return numberProblem(number);
        }
        if (value instanceof Instant instant) {
            return timeProblem(instant);
        }
        if (value instanceof Date date) {
            return timeProblem(Instant.ofEpochMilli(date.getTime()));
        }
        return value == null
                        || value instanceof Boolean
                        || value instanceof byte[]
                        || value instanceof Unsigned
                        || value instanceof LongString
                ? null
                : unsupported(value);
    }

    /** Returns the problem of a time, as {@link #problem}: the wire has whole seconds since 1970, unsigned. */
    public static @Nullable String timeProblem(Instant time) {
        return time.getEpochSecond() >= 0 && time.getEpochSecond() <= MAX_SECONDS
                ? null
                : time + " (expected: 1970 to 9999)";
    }

    static String textProblem(String text, String problem) {
        String quoted = text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
        return "'" + quoted + "', " + problem + " (expected: Unicode)";
    }

    private static @Nullable String textProblem(String text) {
        String problem = Utf8.problem(text);
        return problem == null ? null : textProblem(text, problem);
    }

    private static @Nullable String numberProblem(Number value) {
        if (value instanceof Double || value instanceof Float) {
            return Double.isFinite(value.doubleValue()) ? null : value + " (expected: a finite number)";
        }
        if (value instanceof BigDecimal decimal) {
            boolean fits = decimal.scale() >= 0
                    && decimal.scale() <= 0xFF
                    && decimal.unscaledValue().bitLength() < Integer.SIZE;
            return fits ? null : value + " (expected: scale 0..255 and an unscaled value within 32 bits)";
        }
        if (value instanceof BigInteger big) {
            return big.bitLength() < Long.SIZE ? null : value + " (expected: within 64 bits)";
        }
        return value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte
                ? null
                : unsupported(value);
    }

    private static String unsupported(Object value) {
        return "a " + value.getClass().getName()
                + " (expected: text, number, boolean, Instant, byte[], Collection, Map or null)";
    }
}
