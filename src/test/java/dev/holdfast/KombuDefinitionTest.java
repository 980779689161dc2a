package dev.holdfast;

import static dev.holdfast.InvalidArguments.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KombuDefinitionTest {
    private static final Exchange MEDIA = Exchange.topic("media")
            .durable(false)
            .autoDelete(true)
            .internal(true)
            .passive(true)
            .noDeclare(true)
            .deliveryMode(1)
            .argument("alternate-exchange", "lost");
    private static final Binding BINDING = Binding.of(MEDIA, "video.*")
            .arguments(Map.of("x-match", "any"))
            .unbindArguments(Map.of("x", List.of(1, "two")));
    private static final Queue VIDEO = Queue.of("video", MEDIA, "video.#")
            .durable(false)
            .exclusive(true)
            .autoDelete(false)
            .passive(true)
            .noDeclare(true)
            .noAck(true)
            .alias("v")
            .arguments(Map.of("x-own", true))
            .bindingArguments(Map.of("x-match", "all"))
            .consumerArguments(Map.of("x-priority", 3))
            .bindings(List.of(BINDING))
            .expires(Duration.ofMillis(1500))
            .messageTtl(Duration.ofMillis(1))
            .maxLength(1L << 40)
            .maxLengthBytes(7)
            .maxPriority(9)
            .lazy();

    @Test
    void definitionsSurviveAMapAndJson() throws IOException {
        for (Exchange exchange : List.of(MEDIA, Exchange.ANONYMOUS, Exchange.direct("plain"))) {
            assertThat(Exchange.fromMap(throughJson(exchange.toMap()))).isEqualTo(exchange);
        }
        for (Binding binding : List.of(BINDING, BINDING.toQueue("q"), BINDING.toExchange("e"), Binding.of(MEDIA, ""))) {
            assertThat(Binding.fromMap(throughJson(binding.toMap()))).isEqualTo(binding);
        }
        for (Queue queue : List.of(VIDEO, Queue.of("plain"), Queue.serverNamed(), Queue.of("q", List.of(BINDING)))) {
            assertThat(Queue.fromMap(throughJson(queue.toMap()))).isEqualTo(queue);
        }
        assertThat(VIDEO.toMap())
                .containsEntry("expires", 1.5)
                .containsEntry("max_priority", 9)
                .containsEntry("queue_arguments", Map.of("x-own", true, "x-queue-mode", "lazy"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> throughJson(Map<String, Object> map) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        return mapper.readValue(mapper.writeValueAsBytes(map), Map.class);
    }

    /**
     * Kombu 5.2.4's output of {@code Queue('a', Exchange('e'), 'k', [binding(Exchange('e'), 'b')],
     * expires=3).as_dict(recurse=True)}: with bindings, the exchange is null.
     */
    @Test
    void kombusAsDictIsRead() throws IOException {
        String exchange = "{'name': 'e', 'type': 'direct', 'arguments': null, 'durable': true, 'passive': false,"
                + " 'auto_delete': false, 'delivery_mode': null, 'no_declare': false}";
        String queue = "{'name': 'a', 'exchange': null, 'routing_key': 'k', 'queue_arguments': null,"
                + " 'binding_arguments': null, 'consumer_arguments': null, 'durable': true, 'exclusive': false,"
                + " 'auto_delete': false, 'no_ack': false, 'alias': null, 'bindings': [{'exchange': " + exchange
                + ", 'routing_key': 'b', 'arguments': null, 'unbind_arguments': null}], 'no_declare': null,"
                + " 'expires': 3.0, 'message_ttl': null, 'max_length': null, 'max_length_bytes': null,"
                + " 'max_priority': null}";
        Map<?, ?> map = new ObjectMapper().readValue(queue.replace('\'', '"'), Map.class);
        Exchange e = Exchange.direct("e");
        assertThat(Queue.fromMap(KombuDefinition.table("queue", map)))
                .isEqualTo(Queue.of("a", Exchange.ANONYMOUS, "k")
                        .expires(Duration.ofSeconds(3))
                        .bindings(List.of(Binding.of(e, "b"))));
    }

    @Test
    void theOptionsOfKombusFromDictAreRead() {
        assertThat(Queue.fromMap(Map.of(
                        "name", "q",
                        "exchange", "e",
                        "exchange_type", "topic",
                        "binding_key", "b",
                        "routing_key", "r",
                        "durable", false,
                        "exchange_durable", true,
                        "auto_delete", true,
                        "queue_auto_delete", false,
                        "delivery_mode", "transient")))
                .isEqualTo(Queue.of("q", Exchange.topic("e").autoDelete(true).deliveryMode(1), "b")
                        .durable(false)
                        .autoDelete(false));
        assertThat(Queue.fromMap(Map.of("name", "q", "exchange", "e", "durable", false, "queue_durable", true)))
                .isEqualTo(Queue.of("q", Exchange.direct("e").durable(false), ""));
        assertThat(Queue.fromMap(Map.of("name", "q", "exchange", "", "durable", false)))
                .isEqualTo(Queue.of("q").durable(false));
    }

    @Test
    void errorsNameTheUnknownKeyOrInvalidValue() {
        assertInvalid(
                () -> Queue.fromMap(Map.of("name", "q", "durabel", true)),
                "queue key: durabel (expected: one of [alias, ");
        assertInvalid(
                () -> Queue.fromMap(Map.of("name", "q", "exchange", Map.of("name", "e", "kind", "x"))),
                "exchange key: kind");
        assertInvalid(() -> Binding.fromMap(Map.of("exchange", Map.of("name", "e"), "key", "x")), "binding key: key");
        assertInvalid(
                () -> Exchange.fromMap(Map.of("type", "topic")), "exchange key: name is missing (expected: a value)");
        assertInvalid(
                () -> Queue.fromMap(Map.of("name", "q", "durable", "yes")), "durable: yes (expected: true or false)");
        assertInvalid(
                () -> Queue.fromMap(Map.of("name", "q", "max_length", 1.5)),
                "max_length: 1.5 (expected: a whole number)");
        assertInvalid(() -> Queue.fromMap(Map.of("name", "q", "max_priority", 256)), "maxPriority: 256");
        assertInvalid(
                () -> Queue.fromMap(Map.of("name", "q", "expires", Double.NaN)), "expires: NaN (expected: a number)");
        for (Number tooLong : List.of(1e30, new BigDecimal("1e999999999"), Long.MAX_VALUE)) {
            assertInvalid(() -> Queue.fromMap(Map.of("name", "q", "expires", tooLong)), "expires: ");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "max_priority", tooLong)))
                    .withMessageContaining("riority: ");
        }
    }
}
