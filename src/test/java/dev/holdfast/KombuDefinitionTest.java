package dev.holdfast;

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
    void goesToAMapAndThroughJsonAndBack() throws IOException {
        for (Exchange each : List.of(MEDIA, Exchange.ANONYMOUS, Exchange.direct("plain"))) {
            assertThat(Exchange.fromMap(throughJson(each.toMap()))).isEqualTo(each);
        }
        for (Binding each : List.of(BINDING, BINDING.toQueue("q"), BINDING.toExchange("e"), Binding.of(MEDIA, ""))) {
            assertThat(Binding.fromMap(throughJson(each.toMap()))).isEqualTo(each);
        }
        for (Queue each : List.of(VIDEO, Queue.of("plain"), Queue.serverNamed(), Queue.of("q", List.of(BINDING)))) {
            assertThat(Queue.fromMap(throughJson(each.toMap()))).isEqualTo(each);
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

    /** Queue('a', Exchange('e'), 'k', [binding(Exchange('e'), 'b')], expires=3).as_dict(recurse=True) of Kombu 5.2.4: bindings displace the exchange. */
    @Test
    void readsWhatKombuWrites() throws IOException {
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
    void readsTheOptionsOfKombusFromDict() {
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
    void refusesWhatItDoesNotKnowByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "durabel", true)))
                .withMessageStartingWith("queue key: durabel (expected: one of [alias, ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "exchange", Map.of("name", "e", "kind", "x"))))
                .withMessageStartingWith("exchange key: kind");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Binding.fromMap(Map.of("exchange", Map.of("name", "e"), "key", "x")))
                .withMessageStartingWith("binding key: key");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Exchange.fromMap(Map.of("type", "topic")))
                .withMessage("exchange key: name is missing (expected: a value)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "durable", "yes")))
                .withMessage("durable: yes (expected: true or false)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "max_length", 1.5)))
                .withMessage("max_length: 1.5 (expected: a whole number)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "max_priority", 256)))
                .withMessageStartingWith("maxPriority: 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "expires", Double.NaN)))
                .withMessage("expires: NaN (expected: a number)");
        for (Number tooLong : List.of(1e30, new BigDecimal("1e999999999"), Long.MAX_VALUE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "expires", tooLong)))
                    .withMessageStartingWith("expires: ");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Queue.fromMap(Map.of("name", "q", "max_priority", tooLong)))
                    .withMessageContaining("riority: ");
        }
    }
}
