package dev.holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The cells of {@link KombuSerializationIT}, and those of them in which something else comes out than went in. A cell that is not
 * named here passes; one that is named gives exactly what is told here.
 */
final class KombuSerializationCases {
    static final List<String> COMPRESSORS = List.of("none", "gzip", "bzip2", "lzma", "brotli", "zstd");
    private static final List<String> SERIALIZERS = List.of("json", "yaml", "msgpack", "pickle");
    private static final List<String> TEXTS = List.of("text", "control", "mebibyte", "empty-text");
    private static final List<String> BYTES = List.of("bytes", "bytes-of-text", "empty-bytes");

    /** Who writes. */
    enum Direction {
        TO_KOMBU,
        FROM_KOMBU
    }

    /** What goes one way under one serializer, or as a header: COLUMN for any compressor, COLUMN/COMPRESSOR for one. */
    private record Named(Direction direction, String column, String item, String comes, String reason) {}

    private static final List<Named> NAMED = new ArrayList<>();

    static {
        toKombu();
        fromKombu();
    }

    private KombuSerializationCases() {}

    private static void toKombu() {
        String reason = "envelopes are read by Kombu 5.3 and later";
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
                KombuSerializationValues.told(KombuSerializationValues.bodies().get("text")));
        envelope("empty-bytes", reason, "%s", "bytes", "''");

        reason = "it has no form for these: they are text, where Kombu would refuse them";
        for (String column : List.of("yaml", "msgpack")) {
            to(column, "decimals", "['3.140', '0.00', '1E+30']", reason);
            to(column, "time", "'07:28:01.123456'", reason);
            to(column, "uuid", "'00112233-4455-6677-8899-aabbccddeeff'", reason);
        }
        to("msgpack", "date", "'2015-10-21'", reason);
        to("msgpack", "datetime-naive", "'2015-10-21T07:28:01.123456'", reason);
        reason = "Kombu leaves msgpack's timestamps, which have no zone, as they are";
        to("msgpack", "datetime-utc", "Timestamp(seconds=1445412481, nanoseconds=123456000)", reason);
        to("msgpack", "datetime-offset", "Timestamp(seconds=1445425081, nanoseconds=123456000)", reason);
        to("msgpack", "big-integers", "SerializationException", "its integers end at 64 bits");
        SERIALIZERS.forEach(column -> to(column, "null", "NullPointerException", "a body is never null here"));
        to("raw/none", "empty-bytes", "''", "Kombu leaves an empty body as the empty text that amqp makes of it");
        for (String compressor : COMPRESSORS.subList(1, COMPRESSORS.size())) {
            // Of all that is made here, only brotli's nothing is UTF-8 by chance.
            boolean chance = compressor.equals("brotli");
            reason = chance
                    ? "amqp takes it for text before Kombu decompresses it"
                    : "Kombu leaves empty bytes as they are";
            to("raw/" + compressor, "empty-text", chance ? "TypeError" : "bytes ", reason);
            to("text/" + compressor, "empty-text", chance ? "TypeError" : "bytes ", reason);
        }

        to("header", "b", "249", "amqp 5.1 takes b for unsigned");
        to("header", "B", "-56", "amqp 5.1 takes B for signed");
        to("header", "s", "'\2'", "amqp before 5.4 takes s for a short string");
        to("header", "l-negative", "18446742974197923840", "amqp before 5.4 takes l for unsigned");
        to("header", "T", "datetime 2015-10-21T07:28:01", "amqp reads a moment without its zone, UTC");
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
        from("json", "date", "'2015-10-21T00:00:00'", "before 5.3 Kombu makes a date a moment");
        from("json", "time", "'07:28:01.123456'", reason);
        from("json", "uuid", "'00112233-4455-6677-8899-aabbccddeeff'", reason);
        BYTES.forEach(item -> from("json", item, "EncodeError", "before 5.3 Kombu has no form for bytes"));

        reason = "Kombu has no form for it there";
        for (String item : List.of("decimals", "time", "uuid")) {
            from("yaml", item, "EncodeError", reason);
            from("msgpack", item, "EncodeError", reason);
        }
        for (String item : List.of("datetime-utc", "datetime-offset", "datetime-naive", "date", "big-integers")) {
            from("msgpack", item, "EncodeError", reason);
        }
        from("header", "x-text", "'text'", "amqp writes bytes as S, and what is UTF-8 in it is text");
    }

    private static void to(String column, String item, String comes, String reason) {
        NAMED.add(new Named(Direction.TO_KOMBU, column, item, comes, reason));
    }

    private static void from(String column, String item, String comes, String reason) {
        NAMED.add(new Named(Direction.FROM_KOMBU, column, item, comes, reason));
    }

    /** All cells: COLUMN/COMPRESSOR/ITEM. */
    static List<String> all() {
        List<String> cells = new ArrayList<>();
        for (String compressor : COMPRESSORS) {
            for (String serializer : SERIALIZERS) {
                KombuSerializationValues.bodies().keySet().forEach(body -> cells.add(serializer + "/" + compressor + "/" + body));
            }
            TEXTS.forEach(body -> cells.add("text/" + compressor + "/" + body));
            Stream.concat(TEXTS.stream(), BYTES.stream()).forEach(body -> cells.add("raw/" + compressor + "/" + body));
            KombuSerializationValues.headers().keySet().forEach(type -> cells.add("header/" + compressor + "/" + type));
        }
        return cells;
    }

    /** What comes out of each cell. */
    static Map<String, String> expected(Direction direction) {
        Map<String, String> expected = new TreeMap<>();
        for (String cell : all()) {
            String[] parts = cell.split("/", -1);
            Object value = (parts[0].equals("header") ? KombuSerializationValues.headers() : KombuSerializationValues.bodies()).get(parts[2]);
            expected.put(cell, KombuSerializationValues.told(value));
        }
        for (Named named : NAMED) {
            if (named.direction == direction) {
                List<String> columns = named.column.contains("/")
                        ? List.of(named.column)
                        : COMPRESSORS.stream()
                                .map(compressor -> named.column + "/" + compressor)
                                .toList();
                columns.forEach(column -> expected.put(column + "/" + named.item, named.comes));
            }
        }
        return expected;
    }
}
