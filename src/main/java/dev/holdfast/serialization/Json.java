package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.json.JsonFormat;
import dev.holdfast.internal.json.JsonFormats;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * JSON in two forms. Each reads what either writes.
 *
 * <ul>
 *   <li>{@link #plain()}, the serializer {@code json} and the default: what Spring, Node, .NET and Python read. Times
 *       are ISO 8601 text, a BigDecimal is a number, a UUID is text, bytes are base64.
 *   <li>{@link #kombu()}, the serializer {@code kombu-json}: values of types that JSON does not have are in the
 *       envelopes of Kombu 5.3 and later, {@code {"__type__": "uuid", "__value__": {"hex": "..."}}}, which give Kombu's
 *       own types back.
 * </ul>
 *
 * <table>
 * <caption>Types that JSON does not have</caption>
 * <tr><th>class</th><th>plain</th><th>{@code __type__} in Kombu's form</th><th>read from Kombu's form as</th></tr>
 * <tr><td>OffsetDateTime, ZonedDateTime, Instant</td><td>{@code "2015-10-21T07:28:00.123Z"}</td><td>datetime</td>
 *     <td>OffsetDateTime</td></tr>
 * <tr><td>LocalDateTime</td><td>{@code "2015-10-21T07:28:00"}</td><td>datetime</td><td>LocalDateTime</td></tr>
 * <tr><td>LocalDate</td><td>{@code "2015-10-21"}</td><td>date</td><td>LocalDate</td></tr>
 * <tr><td>LocalTime, OffsetTime</td><td>{@code "07:28:00"}</td><td>time</td><td>LocalTime, OffsetTime</td></tr>
 * <tr><td>BigDecimal</td><td>{@code 3.140}</td><td>decimal</td>
 *     <td>BigDecimal; Double if it is NaN or infinite</td></tr>
 * <tr><td>UUID</td><td>{@code "00112233-4455-6677-8899-aabbccddeeff"}</td><td>uuid</td><td>UUID</td></tr>
 * <tr><td>byte[]</td><td>base64</td><td>bytes if it is valid UTF-8, else base64</td><td>byte[]</td></tr>
 * <tr><td>Duration, Period, YearMonth, MonthDay, ZoneId, ZoneOffset</td><td>{@code "PT1.5S"}</td>
 *     <td>none: as plain</td><td>text</td></tr>
 * <tr><td>Year</td><td>{@code 2015}</td><td>none: as plain</td><td>Integer</td></tr>
 * <tr><td>NaN, infinity</td><td>{@code "NaN"}</td><td>none: {@code NaN}, as by Python</td><td>Double</td></tr>
 * </table>
 *
 * <p>From plain JSON they are read by the class asked for, such as that of a record's component. Without one they are
 * what JSON says: text and numbers. Kombu's form truncates times to microseconds, the resolution of Python's types.
 *
 * <p>All other values are the same in both forms: compact, in UTF-8 where Kombu escapes. Json writes maps (keys become
 * text, null becomes {@code "null"}), collections, arrays, strings, numbers, booleans, records and beans; a
 * java.util.Date as ISO 8601. It reads maps, in their order, lists, String, Integer, Long, BigInteger, Double, Boolean
 * and null. An unquoted {@code NaN} or infinity is read. An object with exactly the keys {@code __type__} and {@code
 * __value__} is read as an envelope; one of an unknown type is refused by Kombu's form and a map in the plain form. A
 * BigDecimal component cannot take a Decimal of Python that is not finite; an Object component can. The nesting depth
 * is limited to 1000, integers and decimals to 1000 digits, the exponent of a decimal to 10,000, a name to 50,000
 * bytes, the length of a string only by the body; a mapper of the application has limits of its own. What exceeds a
 * limit is not written, nor is text with half a surrogate pair.
 *
 * <p>JSON needs {@code com.fasterxml.jackson.core:jackson-databind}, Jackson 2.16 or later, or {@code
 * tools.jackson.core:jackson-databind}, Jackson 3. Both write the same bytes and read the same values. If both are
 * there, Jackson 2 is used; {@link Jackson2} and {@link Jackson3} choose, and take a mapper of the application.
 * Differences: Jackson 3 writes a java.sql.Date like a java.util.Date, and also writes and reads an Optional;
 * Jackson 3.0 writes the offset of a java.util.Date as {@code Z} instead of {@code +00:00}. Thread-safe and immutable.
 */
public final class Json implements Serializer {
    private final JsonFormat format;

    Json(JsonFormat format) {
        this.format = format;
    }

    /**
     * Returns a serializer that writes plain JSON.
     *
     * @throws dev.holdfast.SerializerNotInstalledException if neither Jackson 2 nor Jackson 3 is there
     */
    public static Json plain() {
        return new Json(JsonFormats.standard(true));
    }

    /**
     * Returns a serializer that writes Kombu's envelopes.
     *
     * @throws dev.holdfast.SerializerNotInstalledException if neither Jackson 2 nor Jackson 3 is there
     */
    public static Json kombu() {
        return new Json(JsonFormats.standard(false));
    }

    /**
     * Returns a copy that also writes and reads this class, as after Kombu's {@code register_type}.
     *
     * @param marker the {@code __type__} of the envelope; null to write the encoded value without an envelope
     * @param encode converts an instance to a value that JSON supports
     * @param decode converts that value to an instance
     * @throws IllegalStateException if this serializer is plain and there is a marker, or has a mapper of its own alone
     */
    public <T> Json with(
            Class<T> type, @Nullable String marker, Function<? super T, ?> encode, Function<Object, T> decode) {
        requireNonNull(encode, "encode");
        return new Json(format.with(
                requireNonNull(type, "type"),
                marker,
                value -> encode.apply(type.cast(value)),
                requireNonNull(decode, "decode")));
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public Optional<String> contentEncoding() {
        return Optional.of("utf-8");
    }

    @Override
    public byte[] serialize(Object body) {
        return BodyBuffer.toByteArray(this, body);
    }

    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        format.write(body, out);
    }

    /** Deserializes JSON; refuses malformed JSON and trailing content. */
    @Override
    public @Nullable Object deserialize(byte[] body) {
        return deserialize(body, Object.class);
    }

    /** Deserializes JSON into a record, a bean or any class that Jackson supports, and the envelopes within it. */
    @Override
    public <T> @Nullable T deserialize(byte[] body, Class<T> type) {
        return format.read(body, type);
    }
}
