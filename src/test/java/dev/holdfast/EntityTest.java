package dev.holdfast;

import static dev.holdfast.InvalidArguments.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EntityTest {
    private static final Exchange MEDIA = Exchange.direct("media");

    @Test
    void anExchangeIsDurableByDefault() {
        assertThat(MEDIA.name()).isEqualTo("media");
        assertThat(MEDIA.type()).isEqualTo("direct");
        assertThat(MEDIA.durable()).isTrue();
        assertThat(MEDIA.autoDelete() || MEDIA.internal() || MEDIA.passive()).isFalse();
        assertThat(MEDIA.arguments()).isEmpty();
        assertThat(MEDIA.deliveryMode()).isNull();
        assertThat(Stream.of(Exchange.topic("x"), Exchange.fanout("x"), Exchange.headers("x")))
                .extracting(Exchange::type)
                .containsExactly("topic", "fanout", "headers");
    }

    static Stream<UnaryOperator<Exchange>> exchangeChanges() {
        return Stream.of(
                e -> e.durable(false),
                e -> e.autoDelete(true),
                e -> e.internal(true),
                e -> e.passive(true),
                e -> e.persistent(false),
                e -> e.noDeclare(true),
                e -> e.alternateExchange("unrouted"),
                e -> e.argument("alternate-exchange", "other"),
                e -> Exchange.topic(e.name()),
                e -> Exchange.direct("other"));
    }

    @ParameterizedTest
    @MethodSource("exchangeChanges")
    void equalityOfExchangesComparesTheWholeDefinition(UnaryOperator<Exchange> change) {
        assertThat(change.apply(MEDIA)).isNotEqualTo(MEDIA).isEqualTo(change.apply(Exchange.direct("media")));
        assertThat(change.apply(MEDIA)).hasSameHashCodeAs(change.apply(Exchange.direct("media")));
        assertThat(change.apply(MEDIA).toString()).isNotEqualTo(MEDIA.toString());
        assertThat(MEDIA).isEqualTo(Exchange.direct("media"));
    }

    @Test
    void argumentsAreComparedDeeply() {
        assertThat(MEDIA.argument("x", new byte[] {1}))
                .isEqualTo(MEDIA.argument("x", new byte[] {1}))
                .hasSameHashCodeAs(MEDIA.argument("x", new byte[] {1}))
                .isNotEqualTo(MEDIA.argument("x", new byte[] {2}));
        Queue queue = Queue.of("q").argument("x", List.of(new byte[] {1}));
        assertThat(queue)
                .isEqualTo(Queue.of("q").argument("x", List.of(new byte[] {1})))
                .hasSameHashCodeAs(Queue.of("q").argument("x", List.of(new byte[] {1})))
                .isNotEqualTo(Queue.of("q").argument("x", List.of(new byte[] {2})));
        Binding binding = Binding.of(MEDIA, "key").arguments(Map.of("x", new byte[] {1}));
        assertThat(binding)
                .isEqualTo(Binding.of(MEDIA, "key").arguments(Map.of("x", new byte[] {1})))
                .hasSameHashCodeAs(Binding.of(MEDIA, "key").arguments(Map.of("x", new byte[] {1})))
                .isNotEqualTo(Binding.of(MEDIA, "key").arguments(Map.of("x", new byte[] {2})));
    }

    @Test
    void predeclaredExchangesAreRecognized() {
        assertThat(Exchange.ANONYMOUS.name()).isEmpty();
        assertThat(Exchange.ANONYMOUS.predeclared()).isTrue();
        assertThat(Exchange.topic("amq.topic").predeclared()).isTrue();
        assertThat(MEDIA.predeclared()).isFalse();
        assertThat(Exchange.direct("")).isEqualTo(Exchange.ANONYMOUS);
    }

    @Test
    void aQueueIsDurableAndUnboundByDefault() {
        Queue queue = Queue.of("video");

        assertThat(queue.durable()).isTrue();
        assertThat(queue.exclusive() || queue.autoDelete() || queue.passive()).isFalse();
        assertThat(queue.exchange()).isEqualTo(Exchange.ANONYMOUS);
        assertThat(queue.routingKey()).isEmpty();
        assertThat(queue.bindings()).isEmpty();
        assertThat(queue.arguments()).isEmpty();
    }

    @Test
    void anExclusiveQueueIsAutoDeleteByDefault() {
        assertThat(Queue.of("q").exclusive(true).autoDelete()).isTrue();
        assertThat(Queue.of("q").exclusive(true).autoDelete(false).autoDelete()).isFalse();
        assertThat(Queue.of("q").exclusive(true).exclusive(false).autoDelete()).isFalse();
    }

    @Test
    void bindingsHaveTheQueueAsDestination() {
        Queue queue = Queue.of("video", MEDIA, "video")
                .bindingArguments(Map.of("x", 1))
                .bindings(List.of(Binding.of(Exchange.topic("all"), "#")));

        assertThat(queue.bindings())
                .containsExactly(
                        Binding.of(MEDIA, "video").toQueue("video").arguments(Map.of("x", 1)),
                        Binding.of(Exchange.topic("all"), "#").toQueue("video"));
        assertThat(queue.named("other").bindings())
                .allMatch(binding -> binding.destination().equals("other"));
    }

    @Test
    void aServerNamedQueueIsExclusiveAndTransient() {
        Queue queue = Queue.serverNamed().bound(MEDIA, "k");

        assertThat(queue.name()).isEmpty();
        assertThat(queue.exclusive() && queue.autoDelete()).isTrue();
        assertThat(queue.durable()).isFalse();
        assertThat(queue.named("amq.gen-1").bindings())
                .containsExactly(Binding.of(MEDIA, "k").toQueue("amq.gen-1"));
    }

    @Test
    void typedArgumentsHaveTheirNamesAndUnits() {
        Queue queue = Queue.of("q")
                .expires(Duration.ofSeconds(1))
                .messageTtl(Duration.ofMillis(2500))
                .maxLength(3)
                .maxLengthBytes(5_000_000_000L)
                .maxPriority(10)
                .quorum()
                .deadLetterExchange("dead")
                .deadLetterRoutingKey("letter")
                .rejectPublishWhenFull()
                .singleActiveConsumer();

        assertThat(queue.arguments())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "x-expires",
                        1000,
                        "x-message-ttl",
                        2500,
                        "x-max-length",
                        3,
                        "x-max-length-bytes",
                        5_000_000_000L,
                        "x-max-priority",
                        10,
                        "x-queue-type",
                        "quorum",
                        "x-dead-letter-exchange",
                        "dead",
                        "x-dead-letter-routing-key",
                        "letter",
                        "x-overflow",
                        "reject-publish",
                        "x-single-active-consumer",
                        true));
    }

    @Test
    void furtherTypedArgumentsHaveTheirNamesAndUnits() {
        Queue queue = Queue.of("q").stream()
                .maxAge(Duration.ofHours(1))
                .streamMaxSegmentSizeBytes(1_000_000)
                .leaderLocator("balanced")
                .quorumInitialGroupSize(3)
                .deliveryLimit(5)
                .deadLetterStrategy("at-least-once")
                .overflow("drop-head")
                .lazy();

        assertThat(queue.arguments())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "x-queue-type",
                        "stream",
                        "x-max-age",
                        "3600s",
                        "x-stream-max-segment-size-bytes",
                        1_000_000,
                        "x-queue-leader-locator",
                        "balanced",
                        "x-quorum-initial-group-size",
                        3,
                        "x-delivery-limit",
                        5,
                        "x-dead-letter-strategy",
                        "at-least-once",
                        "x-overflow",
                        "drop-head",
                        "x-queue-mode",
                        "lazy"));
    }

    /** Kombu's table of conversions in transport/test_base.py, without its priority of 303, which no broker accepts. */
    @Test
    void argumentsAreConvertedAsInKombu() {
        Queue q = Queue.of("q");

        assertThat(q.messageTtl(Duration.ofSeconds(20)).arguments()).isEqualTo(Map.of("x-message-ttl", 20000));
        assertThat(q.argument("foo", "bar").expires(Duration.ofMillis(30300)).arguments())
                .isEqualTo(Map.of("x-expires", 30300, "foo", "bar"));
        assertThat(q.argument("x-expires", 3).expires(Duration.ofSeconds(4)).arguments())
                .isEqualTo(Map.of("x-expires", 4000));
        assertThat(q.maxLengthBytes(1033).arguments()).isEqualTo(Map.of("x-max-length-bytes", 1033));
    }

    @Test
    void aHeadersBindingMatchesAllOrAny() {
        Binding binding = Binding.of(Exchange.headers("h"), "").matchAll(Map.of("a", 1));

        assertThat(binding.arguments()).isEqualTo(Map.of("x-match", "all", "a", 1));
        assertThat(binding.unbindArguments()).isEqualTo(binding.arguments());
        assertThat(binding.unbindArguments(Map.of()).unbindArguments()).isEmpty();
        assertThat(binding.matchAny(Map.of("b", 2)).arguments()).isEqualTo(Map.of("x-match", "any", "b", 2));
    }

    @Test
    void consumeOptionsStartWithThoseOfTheQueue() {
        Queue queue = Queue.of("q").noAck(true).consumerArguments(Map.of("x-priority", 1));

        assertThat(ConsumeOptions.of(queue).noAck()).isTrue();
        assertThat(ConsumeOptions.of(queue).priority(2).arguments()).isEqualTo(Map.of("x-priority", 2));
        assertThat(ConsumeOptions.of(queue).streamOffset(7).arguments()).containsEntry("x-stream-offset", 7L);
        assertThat(ConsumeOptions.of(queue).streamOffset("5m").arguments()).containsEntry("x-stream-offset", "5m");
        assertInvalid(
                () -> ConsumeOptions.of(queue).streamOffset("oldest"), "streamOffset: oldest (expected: first, last");
        assertThat(Queue.of("q", List.of(Binding.of(MEDIA, "k"))).bindings()).hasSize(1);
    }

    @Test
    void typedArgumentsOverrideOthersInAnyOrder() {
        Map<String, Object> raw = Map.of("x-max-length", 1, "x-queue-mode", "lazy");

        assertThat(Queue.of("q").maxLength(2).arguments(raw).arguments())
                .isEqualTo(Queue.of("q").arguments(raw).maxLength(2).arguments())
                .isEqualTo(Map.of("x-max-length", 2, "x-queue-mode", "lazy"));
    }

    static Stream<UnaryOperator<Queue>> queueChanges() {
        return Stream.of(
                q -> q.durable(false),
                q -> q.exclusive(true),
                q -> q.autoDelete(true),
                q -> q.passive(true),
                q -> q.noDeclare(true),
                q -> q.noAck(true),
                q -> q.alias("v"),
                q -> q.consumerArguments(Map.of("x-priority", 1)),
                q -> q.argument("x", 1),
                q -> q.maxLength(1),
                q -> q.bound(MEDIA, "other"),
                q -> q.bound(Exchange.topic("media"), "video"),
                q -> q.bindingArguments(Map.of("x", 1)),
                q -> q.bindings(List.of(Binding.of(MEDIA, "b"))),
                q -> q.named("other"));
    }

    @ParameterizedTest
    @MethodSource("queueChanges")
    void equalityOfQueuesComparesTheWholeDefinition(UnaryOperator<Queue> change) {
        Queue queue = Queue.of("video", MEDIA, "video");

        assertThat(change.apply(queue)).isNotEqualTo(queue).isEqualTo(change.apply(Queue.of("video", MEDIA, "video")));
        assertThat(change.apply(queue)).hasSameHashCodeAs(change.apply(Queue.of("video", MEDIA, "video")));
    }

    @Test
    void equalityOfBindingsComparesTheWholeDefinition() {
        Binding binding = Binding.of(MEDIA, "k").toQueue("q");

        assertThat(binding)
                .isEqualTo(Binding.of(MEDIA, "k").toQueue("q"))
                .hasSameHashCodeAs(Binding.of(MEDIA, "k").toQueue("q"));
        assertThat(List.of(
                        Binding.of(MEDIA, "other").toQueue("q"),
                        Binding.of(MEDIA, "k").toQueue("other"),
                        Binding.of(MEDIA, "k").toExchange("q"),
                        binding.arguments(Map.of("x", 1)),
                        binding.unbindArguments(Map.of("x", 1)),
                        Binding.of(MEDIA.durable(false), "k").toQueue("q")))
                .doesNotContain(binding);
        assertThat(binding.toExchange("e").destinationType()).isEqualTo(Binding.Destination.EXCHANGE);
        assertThat(binding).hasToString("binding 'media' -- 'k' --> queue 'q'");
    }

    @Test
    void argumentsAreCopied() {
        Map<String, Object> arguments = new HashMap<>(Map.of("x", 1));
        Queue queue = Queue.of("q").arguments(arguments);
        Exchange exchange = MEDIA.arguments(arguments);
        arguments.put("x", 2);

        assertThat(queue.arguments()).isEqualTo(Map.of("x", 1));
        assertThat(exchange.arguments()).isEqualTo(Map.of("x", 1));
    }

    @Test
    void invalidValuesAreRefused() {
        String tooLong = "ü".repeat(128);

        assertInvalid(() -> Exchange.direct(tooLong), "exchange name: '" + "ü".repeat(40) + "...', 256 bytes");
        assertInvalid(() -> Exchange.of("x", ""), "exchange type: ''");
        assertInvalid(() -> Queue.of(tooLong), "queue name: ");
        assertInvalid(() -> Queue.of(""), "queue name: '' (expected: a name, or Queue.serverNamed())");
        assertInvalid(() -> Queue.of("q", MEDIA, tooLong), "routingKey: ");
        assertInvalid(() -> Queue.of("q").argument(tooLong, 1), "argument name: ");
        assertInvalid(() -> Queue.of("q").arguments(Map.of(tooLong, 1)), "arguments key: ");
        assertInvalid(() -> Queue.of("q").maxPriority(256), "maxPriority: 256 (expected: 1 to 255)");
        assertInvalid(() -> Queue.of("q").expires(Duration.ZERO), "expires ms: 0 (expected: >= 1)");
        assertInvalid(() -> Queue.of("q").messageTtl(Duration.ofMillis(-1)), "messageTtl: PT-0.001S");
        assertInvalid(() -> Queue.of("q").maxAge(Duration.ofMillis(999)), "maxAge s: 0 (expected: >= 1)");
        assertInvalid(() -> Queue.of("q").overflow("drop"), "overflow: drop (expected: drop-head, ");
        assertInvalid(() -> Queue.of("q").maxLength(-1), "maxLength: -1");
        assertInvalid(() -> MEDIA.deliveryMode(3), "deliveryMode: 3 (expected: 1 to 2)");
        assertInvalid(() -> Binding.of(Exchange.ANONYMOUS, "k"), "source: the default exchange");
        assertInvalid(() -> Binding.of(MEDIA, "k").toExchange(""), "destination: the default exchange");
        assertThat(Queue.of("ü".repeat(127) + "x").name()).hasSize(128);
    }
}
