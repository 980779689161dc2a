package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import dev.holdfast.internal.text.IsoTime;
import dev.holdfast.internal.text.NumberLimits;
import dev.holdfast.internal.text.TextCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.util.Calendar;
import java.util.Collection;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.Pickler;
import org.jspecify.annotations.Nullable;

/**
 * Serializer {@code pickle}: Python's pickle, limited to plain data. Writes protocol 2 and reads protocols up to 5.
 * {@link PickleReader} refuses a pickle of anything else. The nesting depth is limited to 1000, integers and decimals
 * to 1000 digits. Thread-safe.
 */
final class PickleFormat implements Serializer {
    /** The longest timedelta of Python. */
    private static final Duration MAX_DURATION = Duration.ofDays(999_999_999);

    PickleFormat() {
        // Loads the library: if it is absent, the constructor fails, not a later call.
        int unused = Pickler.HIGHEST_PROTOCOL;
    }

    @Override
    public String contentType() {
        return "application/x-python-serialize";
    }

    @Override
    public Optional<String> contentEncoding() {
        return Optional.of("binary");
    }

    /**
     * True although {@link PickleReader} runs no code: in Python a pickle is a program, so it is accepted only by
     * name.
     */
    @Override
    public boolean mayRunCode() {
        return true;
    }

    @Override
    public byte[] serialize(Object body) {
        return BodyBuffer.toByteArray(this, body);
    }

    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        new DataPickler().dump(body, out);
    }

    @Override
    public @Nullable Object deserialize(byte[] body) {
        try {
            return new PickleReader().read(body);
        } catch (DecodeException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new DecodeException("body is not a pickle: " + e, e);
        }
    }

    /** Adds classes that the library does not support, and refuses beans. */
    private static final class DataPickler extends Pickler {
        DataPickler() {
            super(false);
        }

        @Override
        public void save(@Nullable Object value) throws PickleException, IOException {
            if (value instanceof byte[] bytes) {
                out.write(Opcodes.BINBYTES);
                out.write(ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(bytes.length)
                        .array());
                out.write(bytes);
            } else if (value instanceof String text) {
                super.save(TextCodec.requireUnicode(text));
            } else if (value instanceof Character || value instanceof Enum) {
                save(value.toString());
            } else if (value instanceof UUID uuid) {
                saveCall("uuid\nUUID\n", uuid.toString());
            } else if (value instanceof BigDecimal decimal) {
                saveCall(
                        "decimal\nDecimal\n",
                        NumberLimits.requireReadable(decimal).toString());
            } else if (value instanceof BigInteger integer) {
                super.save(NumberLimits.requireReadable(integer));
            } else if (value instanceof LocalDate date) {
                IsoTime.requireYear(date.getYear());
                saveCall("datetime\ndate\n", date.getYear(), date.getMonthValue(), date.getDayOfMonth());
            } else if (value instanceof LocalTime time) {
                saveCall("datetime\ntime\n", time.getHour(), time.getMinute(), time.getSecond(), micros(time));
            } else if (value instanceof LocalDateTime dateTime) {
                saveDateTime(dateTime, null);
            } else if (value instanceof Instant instant) {
                save(IsoTime.atUtc(instant));
            } else if (value instanceof ZonedDateTime dateTime) {
                save(dateTime.toOffsetDateTime());
            } else if (value instanceof OffsetDateTime dateTime) {
                saveDateTime(dateTime.toLocalDateTime(), dateTime.getOffset());
            } else if (value instanceof ZoneOffset offset) {
                saveCall("datetime\ntimezone\n", Duration.ofSeconds(offset.getTotalSeconds()));
            } else if (value instanceof Duration duration) {
                if (Math.abs(duration.toSeconds()) > MAX_DURATION.toSeconds()) {
                    throw new SerializationException(duration + " (expected: at most 999999999 days)", null);
                }
                saveCall("datetime\ntimedelta\n", 0, duration.toSeconds(), duration.toNanosPart() / 1000);
            } else if (value instanceof Date date) {
                requireYear(calendar(date));
                super.save(date);
            } else if (value instanceof Calendar calendar) {
                requireYear(calendar);
                super.save(calendar);
            } else if (value == null || isData(value)) {
                super.save(value);
            } else {
                throw new SerializationException(
                        "body: " + value.getClass().getName() + " (expected: a type that pickle supports)", null);
            }
        }

        private static Calendar calendar(Date date) {
            Calendar calendar = new GregorianCalendar();
            calendar.setTime(date);
            return calendar;
        }

        private static void requireYear(Calendar calendar) {
            int year = calendar.get(Calendar.YEAR);
            IsoTime.requireYear(calendar.get(Calendar.ERA) == GregorianCalendar.BC ? 1 - year : year);
        }

        private void saveDateTime(LocalDateTime value, @Nullable ZoneOffset offset) throws IOException {
            IsoTime.requireYear(value.getYear());
            Object[] arguments = {
                value.getYear(),
                value.getMonthValue(),
                value.getDayOfMonth(),
                value.getHour(),
                value.getMinute(),
                value.getSecond(),
                micros(value.toLocalTime()),
                offset
            };
            saveCall("datetime\ndatetime\n", arguments);
        }

        private static int micros(LocalTime time) {
            return time.get(ChronoField.MICRO_OF_SECOND);
        }

        /** Writes a call of a global of a Python module; the name is "module\nname\n". */
        private void saveCall(String global, @Nullable Object... arguments) throws IOException {
            out.write(Opcodes.GLOBAL);
            out.write(TextCodec.encode(global));
            super.save(arguments);
            out.write(Opcodes.REDUCE);
        }

        private static boolean isData(Object value) {
            return value instanceof Boolean
                    || value instanceof Number
                    || value instanceof Collection
                    || value instanceof Map
                    || value.getClass().isArray();
        }
    }
}
