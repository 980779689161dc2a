package dev.holdfast.cli.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PropertyParserTest {
    @Test
    void setsEveryPropertyByItsAmqpName() {
        MessageProperties properties = set(
                "content-type", "text/csv",
                "content-encoding", "latin1",
                "delivery-mode", "1",
                "priority", "9",
                "correlation-id", "c",
                "reply-to", "r",
                "expiration", "60000",
                "message-id", "m",
                "timestamp", "1700000000",
                "type", "t",
                "user-id", "guest",
                "app-id", "a",
                "cluster-id", "k");
        assertThat(properties.contentType()).isEqualTo("text/csv");
        assertThat(properties.contentEncoding()).isEqualTo("latin1");
        assertThat(properties.deliveryMode()).isEqualTo(1);
        assertThat(properties.priority()).isEqualTo(9);
        assertThat(properties.correlationId()).isEqualTo("c");
        assertThat(properties.replyTo()).isEqualTo("r");
        assertThat(properties.expiration()).isEqualTo("60000");
        assertThat(properties.messageId()).isEqualTo("m");
        assertThat(properties.timestamp()).isEqualTo(Instant.ofEpochSecond(1_700_000_000));
        assertThat(properties.type()).isEqualTo("t");
        assertThat(properties.userId()).isEqualTo("guest");
        assertThat(properties.appId()).isEqualTo("a");
        assertThat(properties.reserved()).isEqualTo("k");
    }

    @Test
    void parsesAnIsoTimestamp() {
        assertThat(set("timestamp", "2026-01-31T12:00:00Z").timestamp())
                .isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
    }

    @Test
    void rejectsUnknownNamesAndInvalidValues() {
        assertThatThrownBy(() -> set("colour", "red"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("colour")
                .hasMessageContaining("correlation-id");
        assertThatThrownBy(() -> set("priority", "high")).hasMessageContaining("priority: high");
        assertThatThrownBy(() -> set("expiration", "1 s")).hasMessageContaining("expiration: 1 s");
        assertThatThrownBy(() -> set("timestamp", "today")).hasMessageContaining("timestamp: today");
    }

    private static MessageProperties set(String... pairs) {
        PublishOptions options = PublishOptions.defaults();
        for (int i = 0; i < pairs.length; i += 2) {
            options = PropertyParser.setProperty(options, pairs[i], pairs[i + 1]);
        }
        return options.properties();
    }
}
