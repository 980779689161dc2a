package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
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
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.Pickler;
import org.jspecify.annotations.Nullable;

/**
 * Python's pickle of plain data, written in protocol 2 and read up to 5. Reading makes plain data and refuses all else:
 * see {@link PickleReader}. Nesting ends at 1000. Thread-safe.
 */
final class PickleFormat implements Serializer {
    PickleFormat() {
        // Links the library, so that it is missed here and not within a message.
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

    /** Reading makes nothing but data here, but in Python a pickle is a program: whoever takes one must say so. */
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
        new Writing().dump(body, out);
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

    /** Adds the classes that the library has no form for, and takes away beans. */
    private static final class Writing extends Pickler {
        Writing() {
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
            } else if (value instanceof UUID uuid) {
                call("uuid\nUUID\n", uuid.toString());
            } else if (value instanceof BigDecimal decimal) {
                call("decimal\nDecimal\n", decimal.toString());
            } else if (value instanceof LocalDate date) {
                call("datetime\ndate\n", date.getYear(), date.getMonthValue(), date.getDayOfMonth());
            } else if (value instanceof LocalTime time) {
                call("datetime\ntime\n", time.getHour(), time.getMinute(), time.getSecond(), micros(time));
            } else if (value instanceof LocalDateTime dateTime) {
                dateTime(dateTime, null);
            } else if (value instanceof Instant instant) {
                save(instant.atOffset(ZoneOffset.UTC));
            } else if (value instanceof ZonedDateTime dateTime) {
                save(dateTime.toOffsetDateTime());
            } else if (value instanceof OffsetDateTime dateTime) {
                dateTime(dateTime.toLocalDateTime(), dateTime.getOffset());
            } else if (value instanceof ZoneOffset offset) {
                call("datetime\ntimezone\n", Duration.ofSeconds(offset.getTotalSeconds()));
            } else if (value instanceof Duration duration) {
                call("datetime\ntimedelta\n", 0, duration.toSeconds(), duration.toNanosPart() / 1000);
            } else if (value == null || isPlain(value)) {
                super.save(value);
            } else {
                throw new SerializationException(
                        "body: " + value.getClass().getName() + " (expected: what pickle has a form for)", null);
            }
        }

        private void dateTime(LocalDateTime value, @Nullable ZoneOffset offset) throws IOException {
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
            call("datetime\ndatetime\n", arguments);
        }

        private static int micros(LocalTime time) {
            return time.get(ChronoField.MICRO_OF_SECOND);
        }

        /** A call of what stands under this name in a module of Python. */
        private void call(String global, @Nullable Object... arguments) throws IOException {
            out.write(Opcodes.GLOBAL);
            out.write(TextCodec.encode(global));
            super.save(arguments);
            out.write(Opcodes.REDUCE);
        }

        private static boolean isPlain(Object value) {
            return value instanceof Boolean
                    || value instanceof Number
                    || value instanceof String
                    || value instanceof Character
                    || value instanceof Collection
                    || value instanceof Map
                    || value instanceof Enum
                    || value instanceof Date
                    || value instanceof Calendar
                    || value.getClass().isArray();
        }
    }
}
