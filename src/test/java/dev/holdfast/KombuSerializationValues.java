package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The bodies and headers of {@link KombuSerializationIT}, and their descriptions. kombu_serialization.py has the
 * same values and writes the same descriptions.
 */
final class KombuSerializationValues {
    private static final LocalDateTime MOMENT = LocalDateTime.parse("2015-10-21T07:28:01.123456");
    private static final String TEXT = "grüße 水 \uD83C\uDF0A";
    private static final byte[] BYTES = {0, -1, -128};
    private static final int MAX_DESCRIBED_LENGTH = 200;

    private KombuSerializationValues() {}

    /** The bodies by name, in the order in which they are sent. */
    static Map<String, @Nullable Object> bodies() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put(
                "map",
                Map.of(
                        "hello",
                        "world",
                        "list",
                        Arrays.asList(1, 2.5, true, null, "x"),
                        "nested",
                        Map.of("deep", Map.of("deeper", List.of(-1, Map.of())))));
        all.put("text", TEXT);
        all.put("control", "a\0\u001b\u007f\u0085\u2028\t\r\nb");
        all.put(
                "lookalikes",
                List.of(
                        "",
                        " ",
                        "yes",
                        "off",
                        "Y",
                        "null",
                        "~",
                        "1",
                        "-1",
                        "08",
                        "1_000",
                        "0b1",
                        "0x1F",
                        "0o17",
                        "1.5",
                        ".5",
                        "+.5",
                        "1e5",
                        "1E+5",
                        ".inf",
                        "NaN",
                        ".nan",
                        "2015-10-21",
                        "2015-10-21 07:28:01",
                        "1:30",
                        "1:30.5",
                        "=",
                        "<<",
                        "-",
                        "- a",
                        "?",
                        "#",
                        "a #b",
                        "a: b",
                        "{",
                        "[",
                        "!a",
                        "&a",
                        "*a",
                        "@a",
                        "`a",
                        "%a",
                        "'",
                        "\"",
                        "...",
                        "---",
                        " a",
                        "a ",
                        "a\nb",
                        "a\n"));
        all.put("mebibyte", mebibyte());
        all.put(
                "integers",
                List.of(
                        0,
                        -1,
                        127,
                        128,
                        -32769,
                        Integer.MAX_VALUE,
                        1L << 31,
                        Integer.MIN_VALUE,
                        Long.MAX_VALUE,
                        Long.MIN_VALUE,
                        power(64).subtract(BigInteger.ONE)));
        all.put(
                "big-integers",
                List.of(
                        power(64),
                        power(63).negate().subtract(BigInteger.ONE),
                        power(100),
                        power(100).negate()));
        all.put(
                "floats",
                List.of(
                        0.5,
                        0.1,
                        1e300,
                        -1e-7,
                        1e16,
                        Double.MIN_VALUE,
                        Double.POSITIVE_INFINITY,
                        Double.NEGATIVE_INFINITY));
        all.put("decimals", List.of(new BigDecimal("3.140"), new BigDecimal("0.00"), new BigDecimal("1E+30")));
        all.put("datetime-utc", MOMENT.atOffset(ZoneOffset.UTC));
        all.put("datetime-offset", MOMENT.atOffset(ZoneOffset.ofHoursMinutes(-3, -30)));
        all.put("datetime-naive", MOMENT);
        all.put("date", MOMENT.toLocalDate());
        all.put("time", MOMENT.toLocalTime());
        all.put("uuid", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));
        all.put("bytes", BYTES);
        all.put("bytes-of-text", TEXT.getBytes(UTF_8));
        all.put("empty-bytes", new byte[0]);
        all.put("empty-text", "");
        all.put("empty-map", Map.of());
        all.put("empty-list", List.of());
        all.put("null", null);
        Map<String, @Nullable Object> nulls = new HashMap<>();
        nulls.put("none", null);
        nulls.put("list", Arrays.asList(null, null));
        all.put("nulls", nulls);
        return Collections.unmodifiableMap(all);
    }

    /** A header of each type of a field table, by the letter of the type, and the integers that are sent as I. */
    static Map<String, @Nullable Object> headers() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("t", true);
        all.put("byte", (byte) -7);
        all.put("B", Unsigned.octet(200));
        all.put("short", (short) 258);
        all.put("u", Unsigned.shortInt(60_000));
        all.put("I", -7);
        all.put("i", Unsigned.longInt(4_000_000_000L));
        all.put("long-small", -5L);
        all.put("l", 1L << 40);
        all.put("l-negative", -(1L << 40));
        all.put("f", 0.5f);
        all.put("d", 0.1);
        all.put("D", new BigDecimal("3.14"));
        all.put("D-negative", new BigDecimal("-3.14"));
        all.put("T", Instant.parse("2015-10-21T07:28:01Z"));
        all.put("S", TEXT);
        all.put("S-empty", "");
        all.put("x", BYTES);
        all.put("x-text", "text".getBytes(UTF_8));
        all.put("A", List.of(1, "two", Arrays.asList(false, null)));
        all.put("A-empty", List.of());
        all.put("F", Map.of("inner", Map.of("deep", -1)));
        all.put("F-empty", Map.of());
        all.put("V", null);
        return Collections.unmodifiableMap(all);
    }

    private static BigInteger power(int exponent) {
        return BigInteger.TWO.pow(exponent);
    }

    /** 1 MiB of text that is neither trivial nor impossible to compress. */
    private static String mebibyte() {
        StringBuilder text = new StringBuilder(1 << 16);
        int state = 1;
        for (int i = 0; i < 1 << 12; i++) {
            state = (state * 1_103_515_245 + 12_345) & Integer.MAX_VALUE;
            text.append(HexFormat.of().toHexDigits(state).repeat(2));
        }
        return text.toString().repeat(16);
    }

    /** Describes type and value, as describe() in kombu_serialization.py does. */
    static String describe(@Nullable Object value) {
        if (value instanceof Double || value instanceof Float) {
            return "float " + HexFormat.of().toHexDigits(Double.doubleToLongBits(((Number) value).doubleValue()));
        } else if (value instanceof String text) {
            return "'" + digestIfLong(text, text.getBytes(UTF_8)) + "'";
        } else if (value instanceof byte[] bytes) {
            return "bytes " + digestIfLong(HexFormat.of().formatHex(bytes), bytes);
        } else if (value instanceof BigDecimal decimal) {
            return "decimal " + decimal;
        } else if (value instanceof UUID uuid) {
            return "uuid " + uuid;
        } else if (value instanceof OffsetDateTime || value instanceof Instant) {
            return "datetime " + value.toString().replace("Z", "+00:00");
        } else if (value instanceof LocalDateTime) {
            return "datetime " + value;
        } else if (value instanceof LocalDate) {
            return "date " + value;
        } else if (value instanceof LocalTime) {
            return "time " + value;
        } else if (value instanceof Map<?, ?> map) {
            Map<String, String> sorted = new TreeMap<>();
            map.forEach((key, item) -> sorted.put(describe(key), describe(item)));
            return sorted.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining(", ", "{", "}"));
        } else if (value instanceof List<?> list) {
            return list.stream().map(KombuSerializationValues::describe).collect(Collectors.joining(", ", "[", "]"));
        }
        return String.valueOf(value);
    }

    private static String digestIfLong(String text, byte[] bytes) {
        if (text.length() <= MAX_DESCRIBED_LENGTH) {
            return text;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return text.length() + " long, sha256 " + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
