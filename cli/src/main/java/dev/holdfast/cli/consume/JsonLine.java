package dev.holdfast.cli.consume;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import dev.holdfast.cli.common.Utf8;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes headers and decoded bodies as one line of JSON: numbers with all digits, dates and times as ISO 8601, bytes as
 * text if they are UTF-8, else as {@code {"base64":"..."}}, and types unknown to JSON, such as UUID, as text.
 */
public final class JsonLine {
    /** The nesting limit of the library for bodies, 1000, plus the object around the body. */
    private static final int MAX_DEPTH = 1010;

    private static final int MAX_SIZE = 512 << 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private JsonLine() {}

    /** Writes the content of a line. */
    @FunctionalInterface
    interface Content {
        void writeTo(JsonGenerator json) throws IOException;
    }

    /**
     * Returns a line with the given content.
     *
     * @throws IOException if the content cannot be written as JSON, or takes more than 512 MiB
     */
    static byte[] of(Content content) throws IOException {
        return of(content, MAX_SIZE);
    }

    /** Returns a value as JSON, such as an object of a map. */
    public static String json(Object value) throws IOException {
        return new String(of(json -> write(json, value)), UTF_8);
    }

    /** Returns a line of at most {@code maxSize} bytes. */
    static byte[] of(Content content, int maxSize) throws IOException {
        Buffer buffer = new Buffer(maxSize);
        try (JsonGenerator json = FACTORY.createGenerator(buffer)) {
            content.writeTo(json);
        }
        return Arrays.copyOf(buffer.bytes, buffer.length);
    }

    static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean bool) {
            json.writeBoolean(bool);
        } else if (value instanceof Number number) {
            write(json, number);
        } else if (value instanceof byte[] bytes) {
            write(json, bytes);
        } else if (value instanceof Object[] array) {
            write(json, Arrays.asList(array));
        } else if (value instanceof Collection<?> collection) {
            json.writeStartArray();
            for (Object element : collection) {
                write(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof Map<?, ?> table) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : table.entrySet()) {
                json.writeFieldName(text(entry.getKey()));
                write(json, entry.getValue());
            }
            json.writeEndObject();
        } else {
            json.writeString(text(value));
        }
    }

    private static void write(JsonGenerator json, Number number) throws IOException {
        if (number instanceof BigDecimal decimal) {
            json.writeNumber(decimal);
        } else if (number instanceof BigInteger big) {
            json.writeNumber(big);
        } else if (number instanceof Double || number instanceof Float) {
            json.writeNumber(number.doubleValue());
        } else {
            json.writeNumber(number.longValue());
        }
    }

    static void write(JsonGenerator json, byte[] bytes) throws IOException {
        if (Utf8.isValid(bytes)) {
            json.writeString(new String(bytes, UTF_8));
        } else {
            json.writeStartObject();
            json.writeFieldName("base64");
            json.writeBinary(bytes);
            json.writeEndObject();
        }
    }

    /**
     * Returns a value that is no table or list as text: bytes that are no UTF-8 in base64, dates and times with their
     * seconds, which toString omits if they are zero.
     */
    static String text(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return Utf8.isValid(bytes)
                    ? new String(bytes, UTF_8)
                    : Base64.getEncoder().encodeToString(bytes);
        }
        if (value instanceof OffsetDateTime || value instanceof LocalDateTime) {
            return DateTimeFormatter.ISO_DATE_TIME.format((TemporalAccessor) value);
        }
        if (value instanceof LocalTime || value instanceof OffsetTime) {
            return DateTimeFormatter.ISO_TIME.format((TemporalAccessor) value);
        }
        return String.valueOf(value);
    }

    /** Grows up to a limit, since YAML aliases let a few hundred bytes of input expand without bound. */
    private static final class Buffer extends OutputStream {
        private final int maxSize;
        private byte[] bytes = new byte[256];
        private int length;

        Buffer(int maxSize) {
            this.maxSize = maxSize;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int size) throws IOException {
            if (size > maxSize - length) {
                throw new IOException("body: more than " + maxSize + " bytes as JSON");
            }
            if (size > bytes.length - length) {
                bytes = Arrays.copyOf(bytes, Math.max(length + size, Math.min(maxSize, bytes.length * 2)));
            }
            System.arraycopy(source, offset, bytes, length, size);
            length += size;
        }
    }
}
