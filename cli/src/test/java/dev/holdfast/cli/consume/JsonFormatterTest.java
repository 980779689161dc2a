package dev.holdfast.cli.consume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.ContentDisallowedException;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.serialization.Accept;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JsonFormatterTest {
    @Test
    void printsTextAsAStringAndOtherBytesInBase64() throws IOException {
        assertThat(print("h\u00f6\n".getBytes(UTF_8), MessageProperties.EMPTY.contentType("text/plain")))
                .isEqualTo("{\"body\":\"h\u00f6\\n\",\"exchange\":\"x\",\"routing_key\":\"k\",\"redelivered\":true,"
                        + "\"properties\":{\"content-type\":\"text/plain\"},\"headers\":{}}\n");
        assertThat(print(new byte[] {(byte) 0xff}, MessageProperties.EMPTY.contentEncoding("binary")))
                .startsWith("{\"body\":{\"base64\":\"/w==\"},");
    }

    @Test
    void undecodableBodyIsPrintedUnchangedWithTheReason() throws IOException {
        assertThat(print("{".getBytes(UTF_8), MessageProperties.EMPTY.contentType("application/json")))
                .startsWith("{\"body\":\"{\",\"undecoded\":\"body is not json: ");
        assertThat(print(
                        new byte[] {(byte) 0x80},
                        MessageProperties.EMPTY.contentType("application/x-python-serialize")))
                .startsWith("{\"body\":{\"base64\":\"gA==\"},\"undecoded\":\"content type: ");
    }

    @Test
    void rejectsBodiesOutsideAnExplicitAcceptList() {
        JsonFormatter formatter = new JsonFormatter(new BodyReader(), Accept.only("json"));
        Delivery yaml = delivery("1".getBytes(UTF_8), MessageProperties.EMPTY.contentType("application/x-yaml"));
        assertThatThrownBy(() -> formatter.format(yaml)).isInstanceOf(ContentDisallowedException.class);
    }

    @Test
    void keepsEveryDigitAndCharacter() throws IOException {
        String document = "[12345678901234567890123,1.10,0.12345678901234567890123,1E+400,\"1\",\"\\uD800\"]";
        assertThat(print(document.getBytes(UTF_8), MessageProperties.EMPTY.contentType("application/json")))
                .startsWith("{\"body\":" + document + ",\"exchange\"");
    }

    @Test
    void objectThatOnlyLooksLikeAnEnvelopeIsPrintedAsItCame() throws IOException {
        JsonFormatter formatter = new JsonFormatter(new BodyReader(), Accept.only("json"));
        for (String document : List.of(
                "{\"__type__\":\"Order\",\"__value__\":7}",
                "{\"__type__\":1,\"__value__\":null}",
                "[{\"a\":{\"__type__\":\"Order\",\"__value__\":{\"price\":1.10}}}]")) {
            byte[] line = formatter.format(
                    delivery(document.getBytes(UTF_8), MessageProperties.EMPTY.contentType("application/json")));
            assertThat(new String(line, UTF_8)).startsWith("{\"body\":" + document + ",\"exchange\"");
        }
        String known = "{\"__type__\":\"decimal\",\"__value__\":\"1.10\"}";
        assertThat(print(known.getBytes(UTF_8), MessageProperties.EMPTY.contentType("application/json")))
                .startsWith("{\"body\":1.10,");
    }

    @Test
    void typesUnknownToJsonAreWrittenAsText() throws IOException {
        Map<Object, Object> value = new LinkedHashMap<>();
        value.put("uuid", new UUID(0, 1));
        value.put("moment", OffsetDateTime.of(2026, 1, 31, 10, 0, 0, 0, ZoneOffset.UTC));
        value.put("local", LocalDateTime.of(2026, 1, 31, 10, 0));
        value.put("date", LocalDate.of(2026, 1, 31));
        value.put("time", LocalTime.of(10, 0));
        value.put("set", new LinkedHashSet<>(List.of(1, BigInteger.TWO.pow(70))));
        value.put("pair", new Object[] {"a", Double.NaN});
        value.put(7, null);
        value.put(new byte[] {'k'}, new byte[] {(byte) 0xff});
        assertThat(new String(JsonLine.of(json -> JsonLine.write(json, value)), UTF_8))
                .isEqualTo("{\"uuid\":\"00000000-0000-0000-0000-000000000001\",\"moment\":\"2026-01-31T10:00:00Z\","
                        + "\"local\":\"2026-01-31T10:00:00\",\"date\":\"2026-01-31\",\"time\":\"10:00:00\","
                        + "\"set\":[1,1180591620717411303424],\"pair\":[\"a\",\"NaN\"],\"7\":null,"
                        + "\"k\":{\"base64\":\"/w==\"}}");
    }

    @Test
    void limitsTheExpansionOfYamlAliases() {
        StringBuilder bomb = new StringBuilder("- &a0 [" + "x,".repeat(1000) + "x]\n");
        for (int i = 1; i <= 9; i++) {
            bomb.append("- &a")
                    .append(i)
                    .append(" [")
                    .append(("*a" + (i - 1) + ",").repeat(5))
                    .append("]\n");
        }
        Accept accept = Accept.only("yaml");
        MessageProperties yaml = MessageProperties.EMPTY.contentType("application/x-yaml");
        Object value = new BodyReader().decode(delivery(bomb.toString().getBytes(UTF_8), yaml), accept);
        assertThatThrownBy(() -> JsonLine.of(json -> JsonLine.write(json, value), 1 << 20))
                .hasMessage("body: more than 1048576 bytes as JSON");
        MessageFormatter formatter = new ValueFormatter(new BodyReader(), accept);
        assertThatThrownBy(() -> formatter.format(delivery("&a [*a]".getBytes(UTF_8), yaml)))
                .hasMessageContaining("depth");
    }

    @Test
    void printsPropertiesByTheirAmqpNamesAndHeadersByTheirTypes() throws IOException {
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put("flag", true);
        headers.put("number", 17L);
        headers.put("decimal", new BigDecimal("1.50"));
        headers.put("ratio", 0.5d);
        headers.put("none", null);
        headers.put("list", List.of("a", 1));
        headers.put("table", Map.of("at", Instant.EPOCH));
        headers.put("bytes", new byte[] {(byte) 0xfe});
        String line = print(
                new byte[0],
                MessageProperties.EMPTY
                        .contentType("text/plain")
                        .deliveryMode(2)
                        .timestamp(Instant.EPOCH)
                        .reserved("c")
                        .headers(headers));
        assertThat(line)
                .contains("\"properties\":{\"content-type\":\"text/plain\",\"delivery-mode\":2,"
                        + "\"timestamp\":\"1970-01-01T00:00:00Z\",\"cluster-id\":\"c\"}")
                .contains("\"headers\":{\"flag\":true,\"number\":17,\"decimal\":1.50,\"ratio\":0.5,\"none\":null,"
                        + "\"list\":[\"a\",1],\"table\":{\"at\":\"1970-01-01T00:00:00Z\"},"
                        + "\"bytes\":{\"base64\":\"/g==\"}}");
    }

    private static String print(byte[] body, MessageProperties properties) throws IOException {
        return new String(new JsonFormatter(new BodyReader(), Accept.safe()).format(delivery(body, properties)), UTF_8)
                + '\n';
    }

    private static Delivery delivery(byte[] body, MessageProperties properties) {
        return new Delivery("tag", 1, true, "x", "k", properties, body, 1, -1);
    }
}
