package dev.holdfast.internal.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Unsigned;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Every value is sent in the form that the vectors list, with what py-amqp 5.3.1 reads. */
class HeaderFormsTest {
    /** As far as the type code: the table's length, the length of the name "k", and the name. */
    private static final int BEFORE_TYPE = 6;

    private static Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("true", true);
        values.put("false", false);
        values.put("byte", (byte) -7);
        values.put("short", (short) 258);
        values.put("short-negative", Short.MIN_VALUE);
        values.put("int", Integer.MAX_VALUE);
        values.put("int-negative", Integer.MIN_VALUE);
        values.put("long-small", -5L);
        values.put("long", 1L << 40);
        values.put("long-max", Long.MAX_VALUE);
        values.put("long-negative", -(1L << 40));
        values.put("big-integer", BigInteger.TEN);
        values.put("float", 0.5f);
        values.put("double", 0.1);
        values.put("decimal", new BigDecimal("3.14"));
        values.put("decimal-negative", new BigDecimal("-3.14"));
        values.put("decimal-zeros", new BigDecimal("3.140"));
        values.put("time-first", Instant.EPOCH);
        values.put("time", Instant.parse("2015-10-21T07:34:09.999Z"));
        values.put("time-last", Instant.parse("9999-12-31T23:59:59Z"));
        values.put("text", "水ü!");
        values.put("text-empty", "");
        values.put("bytes", new byte[] {0, -1, -128});
        values.put("list", Arrays.asList(1, "x", false, null));
        values.put("table", Map.of("a", -1L));
        values.put("null", null);
        values.put("unsigned-octet", Unsigned.octet(100));
        values.put("unsigned-octet-high", Unsigned.octet(200));
        values.put("unsigned-short", Unsigned.shortInt(60_000));
        values.put("unsigned-int", Unsigned.longInt(4_000_000_000L));
        return values;
    }

    @Test
    void valuesAreSentInTheFormsOfTheVectors() throws IOException {
        Map<String, String> forms = new LinkedHashMap<>();
        try (InputStream in =
                Objects.requireNonNull(getClass().getResourceAsStream("/vectors/headers-py-amqp-5.3.1.txt"))) {
            for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
                List<String> columns =
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
                if (!line.startsWith("#") && !columns.get(0).startsWith("not-sent")) {
                    forms.put(columns.get(0), columns.get(1).replace(" ", ""));
                }
            }
        }
        Map<String, String> sent = new LinkedHashMap<>();
        values().forEach((name, value) -> {
            ByteBuf out = Unpooled.buffer();
            FieldTable.write(out, Collections.singletonMap("k", value));
            sent.put(name, ByteBufUtil.hexDump(out.skipBytes(BEFORE_TYPE)));
        });
        assertThat(sent).isEqualTo(forms);
    }
}
