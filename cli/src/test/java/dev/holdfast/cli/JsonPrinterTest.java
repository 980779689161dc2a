package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonPrinterTest {
    @Test
    void printsTextAsAStringAndOtherBytesInBase64() throws IOException {
        assertThat(print("h\u00f6\n".getBytes(UTF_8), MessageProperties.EMPTY))
                .isEqualTo("{\"body\":\"h\u00f6\\n\",\"exchange\":\"x\",\"routing_key\":\"k\",\"redelivered\":true,"
                        + "\"properties\":{},\"headers\":{}}\n");
        assertThat(print(new byte[] {(byte) 0xff}, MessageProperties.EMPTY))
                .startsWith("{\"body\":{\"base64\":\"/w==\"},");
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
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new JsonPrinter().print(new Delivery("tag", 1, true, "x", "k", properties, body, 1, -1), out);
        return out.toString(UTF_8);
    }
}
