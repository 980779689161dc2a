package dev.holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The cases of {@link KombuSerializationIT}, and the result of each. The receiver gets the value that was sent,
 * except in the cases listed here, each with its exact result and the reason.
 */
final class KombuSerializationCases {
    static final List<String> COMPRESSORS = List.of("none", "gzip", "bzip2", "lzma", "brotli", "zstd");
    private static final List<String> SERIALIZERS = List.of("json", "yaml", "msgpack", "pickle");
    private static final List<String> TEXTS = List.of("text", "control", "mebibyte", "empty-text");
    private static final List<String> BYTES = List.of("bytes", "bytes-of-text", "empty-bytes");

    /** The direction of the message. */
    enum Direction {
        TO_KOMBU,
        FROM_KOMBU
    }

    /**
     * A case whose result differs from the value sent.
     *
     * @param column a serializer or "header", for any compressor, or COLUMN/COMPRESSOR for one
     */
    private record Difference(Direction direction, String column, String item, String result, String reason) {}

    private static final List<Difference> DIFFERENCES = new ArrayList<>();

    static {
        toKombu();
        fromKombu();
    }

    private KombuSerializationCases() {}

    private static void toKombu() {
        String reason = "only Kombu 5.3 and later read these envelopes";
        envelope("decimals", reason, "[%s, %s, %s]", "decimal", "'3.140'", "'0.00'", "'1E+30'");
        envelope("datetime-utc", reason, "%s", "datetime", "'2015-10-21T07:28:01.123456+00:00'");
        envelope("datetime-offset", reason, "%s", "datetime", "'2015-10-21T07:28:01.123456-03:30'");
        envelope("datetime-naive", reason, "%s", "datetime", "'2015-10-21T07:28:01.123456'");
        envelope("date", reason, "%s", "date", "'2015-10-21'");
        envelope("time", reason, "%s", "time", "'07:28:01.123456'");
        envelope("uuid", reason, "%s", "uuid", "{'hex': '00112233445566778899aabbccddeeff'}");
        envelope("bytes", reason, "%s", "base64", "'AP+A'");
        envelope(
                "bytes-of-text",
                reason,
                "%s",
                "bytes",
                KombuSerializationValues.describe(
                        KombuSerializationValues.bodies().get("text")));
        envelope("empty-bytes", reason, "%s", "bytes", "''");

        reason = "the format has no such type: Holdfast writes text, where Kombu refuses to encode";
        for (String column : List.of("yaml", "msgpack")) {
            to(column, "decimals", "['3.140', '0.00', '1E+30']", reason);
            to(column, "time", "'07:28:01.123456'", reason);
            to(column, "uuid", "'00112233-4455-6677-8899-aabbccddeeff'", reason);
        }
        to("msgpack", "date", "'2015-10-21'", reason);
        to("msgpack", "datetime-naive", "'2015-10-21T07:28:01.123456'", reason);
        reason = "Kombu does not convert msgpack timestamps, which have no zone";
        to("msgpack", "datetime-utc", "Timestamp(seconds=1445412481, nanoseconds=123456000)", reason);
        to("msgpack", "datetime-offset", "Timestamp(seconds=1445425081, nanoseconds=123456000)", reason);
        to("msgpack", "big-integers", "SerializationException", "msgpack integers have at most 64 bits");
        SERIALIZERS.forEach(column -> to(column, "null", "NullPointerException", "Holdfast accepts no null body"));
        to("raw/none", "empty-bytes", "''", "amqp decodes an empty body as text, and Kombu keeps it");
        for (String compressor : COMPRESSORS.subList(1, COMPRESSORS.size())) {
            // Of the compressed forms of no bytes, only that of brotli is valid UTF-8.
            boolean validUtf8 = compressor.equals("brotli");
            reason = validUtf8
                    ? "amqp decodes it as text before Kombu decompresses it"
                    : "Kombu does not decode empty bytes";
            to("raw/" + compressor, "empty-text", validUtf8 ? "TypeError" : "bytes ", reason);
            to("text/" + compressor, "empty-text", validUtf8 ? "TypeError" : "bytes ", reason);
        }

        to("header", "B", "-56", "amqp up to 5.4 reads B as signed");
        to("header", "l-negative", "18446742974197923840", "amqp before 5.4 reads l as unsigned");
        to("header", "T", "datetime 2015-10-21T07:28:01", "amqp reads a timestamp without its zone, UTC");
    }

    private static void envelope(String item, String reason, String format, String type, String... values) {
        Object[] envelopes = Stream.of(values)
                .map(value -> "{'__type__': '" + type + "', '__value__': " + value + "}")
                .toArray();
        to("json", item, format.formatted(envelopes), reason);
    }

    private static void fromKombu() {
        String reason = "before 5.3 Kombu writes them as text";
        from("json", "decimals", "['3.140', '0.00', '1E+30']", reason);
        from("json", "datetime-utc", "'2015-10-21T07:28:01.123456Z'", reason);
        from("json", "datetime-offset", "'2015-10-21T07:28:01.123456-03:30'", reason);
        from("json", "datetime-naive", "'2015-10-21T07:28:01.123456'", reason);
        from("json", "date", "'2015-10-21T00:00:00'", "before 5.3 Kombu writes a date as a datetime");
        from("json", "time", "'07:28:01.123456'", reason);
        from("json", "uuid", "'00112233-4455-6677-8899-aabbccddeeff'", reason);
        BYTES.forEach(item -> from("json", item, "EncodeError", "before 5.3 Kombu cannot encode bytes"));

        reason = "Kombu cannot encode it in this format";
        for (String item : List.of("decimals", "time", "uuid")) {
            from("yaml", item, "EncodeError", reason);
            from("msgpack", item, "EncodeError", reason);
        }
        for (String item : List.of("datetime-utc", "datetime-offset", "datetime-naive", "date", "big-integers")) {
            from("msgpack", item, "EncodeError", reason);
        }
        from("header", "x-text", "'text'", "amqp writes bytes as S, which is read as text if it is valid UTF-8");
    }

    private static void to(String column, String item, String result, String reason) {
        DIFFERENCES.add(new Difference(Direction.TO_KOMBU, column, item, result, reason));
    }

    private static void from(String column, String item, String result, String reason) {
        DIFFERENCES.add(new Difference(Direction.FROM_KOMBU, column, item, result, reason));
    }

    /** The names of all cases: COLUMN/COMPRESSOR/ITEM. */
    static List<String> all() {
        List<String> cases = new ArrayList<>();
        for (String compressor : COMPRESSORS) {
            for (String serializer : SERIALIZERS) {
                KombuSerializationValues.bodies()
                        .keySet()
                        .forEach(body -> cases.add(serializer + "/" + compressor + "/" + body));
            }
            TEXTS.forEach(body -> cases.add("text/" + compressor + "/" + body));
            Stream.concat(TEXTS.stream(), BYTES.stream()).forEach(body -> cases.add("raw/" + compressor + "/" + body));
            KombuSerializationValues.headers().keySet().forEach(type -> cases.add("header/" + compressor + "/" + type));
        }
        return cases;
    }

    /** The expected result of each case, by name. */
    static Map<String, String> expected(Direction direction) {
        Map<String, String> expected = new TreeMap<>();
        for (String caseName : all()) {
            String[] parts = caseName.split("/", -1);
            Object value = (parts[0].equals("header")
                            ? KombuSerializationValues.headers()
                            : KombuSerializationValues.bodies())
                    .get(parts[2]);
            expected.put(caseName, KombuSerializationValues.describe(value));
        }
        for (Difference difference : DIFFERENCES) {
            if (difference.direction == direction) {
                List<String> columns = difference.column.contains("/")
                        ? List.of(difference.column)
                        : COMPRESSORS.stream()
                                .map(compressor -> difference.column + "/" + compressor)
                                .toList();
                columns.forEach(column -> expected.put(column + "/" + difference.item, difference.result));
            }
        }
        return expected;
    }
}
