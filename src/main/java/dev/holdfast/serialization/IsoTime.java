package dev.holdfast.serialization;

import static java.time.temporal.ChronoField.EPOCH_DAY;
import static java.time.temporal.ChronoField.MICRO_OF_SECOND;
import static java.time.temporal.ChronoField.NANO_OF_DAY;
import static java.time.temporal.ChronoField.OFFSET_SECONDS;
import static java.time.temporal.ChronoField.YEAR;

import dev.holdfast.SerializationException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/** Dates and times as Python's {@code isoformat} writes them: microseconds where there are any, six digits of them. */
final class IsoTime {
    private static final int MAX_YEAR = 9999;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xxxxx", Locale.ROOT);

    private IsoTime() {}

    /** An instant is at UTC. Parts of a microsecond are cut off: Python has no such thing. */
    static String format(Object temporal) {
        TemporalAccessor t =
                temporal instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : (TemporalAccessor) temporal;
        StringBuilder out = new StringBuilder(32);
        if (t.isSupported(EPOCH_DAY)) {
            int year = t.get(YEAR);
            if (year < 1 || year > MAX_YEAR) {
                throw new SerializationException("year: " + year + " (expected: 1 to 9999)", null);
            }
            DATE.formatTo(t, out);
        }
        if (t.isSupported(NANO_OF_DAY)) {
            if (!out.isEmpty()) {
                out.append('T');
            }
            (t.get(MICRO_OF_SECOND) == 0 ? TIME : MICROS).formatTo(t, out);
        }
        if (t.isSupported(OFFSET_SECONDS)) {
            OFFSET.formatTo(t, out);
        }
        return out.toString();
    }

    /** An OffsetDateTime where there is an offset, else a LocalDateTime. */
    static Object dateTime(String text) {
        return DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
    }

    /** An OffsetTime where there is an offset, else a LocalTime. */
    static Object time(String text) {
        return DateTimeFormatter.ISO_TIME.parseBest(text, OffsetTime::from, LocalTime::from);
    }
}
