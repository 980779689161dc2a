package dev.holdfast.cli.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageEnvironmentTest {
    private final Map<String, String> environment = new HashMap<>(Map.of(
            "PATH", "/bin", "HOLDFAST_HEADER_OTHER", "of an outer message", "HOLDFAST_TYPE", "of an outer message"));

    private void set(Map<String, Object> headers) throws IOException {
        MessageProperties properties =
                MessageProperties.EMPTY.contentType("text/plain").priority(4).headers(headers);
        MessageEnvironment.set(
                environment, "q", new Delivery("tag", 1, true, "", "a.b", properties, new byte[0], 1, 0));
    }

    @Test
    void hasPropertiesAndHeadersOfThisMessageOnly() throws IOException {
        set(Map.of("x-death.count", 2, "name", "J\u00fcrgen", "list", List.of("a", 1), "bytes", new byte[] {34}));
        assertThat(environment)
                .containsOnly(
                        Map.entry("PATH", "/bin"),
                        Map.entry("HOLDFAST_QUEUE", "q"),
                        Map.entry("HOLDFAST_ROUTING_KEY", "a.b"),
                        Map.entry("HOLDFAST_REDELIVERED", "true"),
                        Map.entry("HOLDFAST_CONTENT_TYPE", "text/plain"),
                        Map.entry("HOLDFAST_PRIORITY", "4"),
                        Map.entry("HOLDFAST_HEADER_X_DEATH_COUNT", "2"),
                        Map.entry("HOLDFAST_HEADER_NAME", "J\u00fcrgen"),
                        Map.entry("HOLDFAST_HEADER_BYTES", "\""),
                        Map.entry("HOLDFAST_HEADER_LIST", "[\"a\",1]"));
    }

    @Test
    void valuesThatAVariableCannotHaveAreLeftOut() throws IOException {
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put("nul", "a\0b");
        headers.put("long", "x".repeat(40_000));
        headers.put("a=b", "1");
        set(headers);
        assertThat(environment).doesNotContainKeys("HOLDFAST_HEADER_NUL", "HOLDFAST_HEADER_LONG");
        assertThat(environment).containsEntry("HOLDFAST_HEADER_A_B", "1");
    }
}
