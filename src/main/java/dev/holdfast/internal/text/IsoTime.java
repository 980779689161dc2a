package dev.holdfast.internal.text;

import static java.time.temporal.ChronoField.EPOCH_DAY;
import static java.time.temporal.ChronoField.MICRO_OF_SECOND;
import static java.time.temporal.ChronoField.NANO_OF_DAY;
import static java.time.temporal.ChronoField.OFFSET_SECONDS;
import static java.time.temporal.ChronoField.YEAR;

import dev.holdfast.SerializationException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/**
 * Formats and parses dates and times: in the format of Python's {@code isoformat}, where a fraction of a second has six
 * digits, microseconds, and is omitted if it is zero, or with all digits.
 */
public final class IsoTime {
    private static final int MAX_YEAR = 9999;
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xxxxx", Locale.ROOT);

    private IsoTime() {}

    /** Formats an instant at UTC. Truncates to microseconds, the resolution of Python's types. */
    public static String format(Object temporal) {
        TemporalAccessor accessor = temporal instanceof Instant instant ? atUtc(instant) : (TemporalAccessor) temporal;
        StringBuilder out = new StringBuilder(32);
        if (accessor.isSupported(EPOCH_DAY)) {
            requireYear(accessor.get(YEAR));
            DATE.formatTo(accessor, out);
        }
        if (accessor.isSupported(NANO_OF_DAY)) {
            if (!out.isEmpty()) {
                out.append('T');
            }
            (accessor.get(MICRO_OF_SECOND) == 0 ? TIME : MICROS).formatTo(accessor, out);
        }
        if (accessor.isSupported(OFFSET_SECONDS)) {
            OFFSET.formatTo(accessor, out);
        }
        return out.toString();
    }

    public static OffsetDateTime atUtc(Instant instant) {
        try {
            return instant.atOffset(ZoneOffset.UTC);
        } catch (DateTimeException e) { // at the ends of the range of Instant
            throw new SerializationException("year of " + instant + " (expected: 1 to 9999)", e);
        }
    }

    /** Formats with all digits of the fraction; an instant and the offset UTC with {@code Z}; a zone as its offset. */
    public static String formatPlain(Object temporal) {
        if (temporal instanceof Instant instant) {
            if (instant.isBefore(FIRST) || instant.isAfter(LAST)) {
                throw yearOutOfRange(instant);
            }
            return instant.toString();
        }
        TemporalAccessor accessor = (TemporalAccessor) temporal;
        boolean date = accessor.isSupported(YEAR);
        boolean time = accessor.isSupported(NANO_OF_DAY);
        if (date) {
            requireYear(accessor.get(YEAR));
        }
        DateTimeFormatter formatter = !time
                ? DateTimeFormatter.ISO_LOCAL_DATE
                : accessor.isSupported(OFFSET_SECONDS)
                        ? date ? DateTimeFormatter.ISO_OFFSET_DATE_TIME : DateTimeFormatter.ISO_OFFSET_TIME
                        : date ? DateTimeFormatter.ISO_LOCAL_DATE_TIME : DateTimeFormatter.ISO_LOCAL_TIME;
        return formatter.format(accessor);
    }

    /** Refuses the years that Python's types do not have. */
    public static void requireYear(int year) {
        if (year < 1 || year > MAX_YEAR) {
            throw yearOutOfRange(year);
        }
    }

    private static SerializationException yearOutOfRange(Object year) {
        return new SerializationException("year: " + year + " (expected: 1 to 9999)", null);
    }

    /** Returns an OffsetDateTime if the text has an offset, otherwise a LocalDateTime. */
    public static Object parseDateTime(String text) {
        return DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
    }

    /** Returns an OffsetTime if the text has an offset, otherwise a LocalTime. */
    public static Object parseTime(String text) {
        return DateTimeFormatter.ISO_TIME.parseBest(text, OffsetTime::from, LocalTime::from);
    }
}
