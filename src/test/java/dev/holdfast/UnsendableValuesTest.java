package dev.holdfast;

import static dev.holdfast.InvalidArguments.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The API refuses text that UTF-8 cannot encode, and values that the wire cannot carry, where it is given them, and
 * names their place. Methods of objects with a connection are in UnsendableTextTest of the scripted tests.
 */
class UnsendableValuesTest {
    private static final String HALF = "n\ud83d";
    private static final String PROBLEM = ": 'n\ud83d', half a surrogate pair at 1 (expected: Unicode)";
    private static final Exchange MEDIA = Exchange.direct("media");
    private static final Queue QUEUE = Queue.of("q");
    private static final PublishOptions OPTIONS = PublishOptions.defaults();

    /** Methods whose text is not sent, or is one of a few words or a date: others are refused as such. */
    private static final Set<String> NOT_SENT = Set.of(
            "Queue.alias",
            "Queue.deadLetterStrategy",
            "Queue.leaderLocator",
            "Queue.overflow",
            "ConsumeOptions.streamOffset",
            "ConnectionOptions.saslMechanism",
            "ConnectionOptions.parse", // urisWithBytesThatAreNotUtf8AreRefused
            "ConnectionOptions.address", // resolved, not sent
            "Address.<init>",
            "PublishOptions.serializer", // looked up
            "PublishOptions.compression",
            "TlsOptions.certificate",
            "TlsOptions.keyStore",
            "TlsOptions.trustStore");

    /** A method that takes text, a call of it, and the start of its message. */
    private record Text(String method, Consumer<String> call, String place) {
        @Override
        public String toString() {
            return method;
        }
    }

    private static Text text(String method, String place, Consumer<String> call) {
        return new Text(method, call, place);
    }

    static Stream<Text> texts() {
        return Stream.of(
                text("Exchange.direct", "exchange name", Exchange::direct),
                text("Exchange.fanout", "exchange name", Exchange::fanout),
                text("Exchange.headers", "exchange name", Exchange::headers),
                text("Exchange.topic", "exchange name", Exchange::topic),
                text("Exchange.of", "exchange name", half -> Exchange.of(half, "topic")),
                text("Exchange.of", "exchange type", half -> Exchange.of("x", half)),
                text("Exchange.alternateExchange", "alternateExchange", MEDIA::alternateExchange),
                text("Exchange.argument", "argument name", half -> MEDIA.argument(half, 1)),
                text("Exchange.argument", "argument x", half -> MEDIA.argument("x", half)),
                text("Queue.of", "queue name", Queue::of),
                text("Queue.of", "routingKey", half -> Queue.of("q", MEDIA, half)),
                text("Queue.named", "queue name", QUEUE::named),
                text("Queue.bound", "routingKey", half -> QUEUE.bound(MEDIA, half)),
                text("Queue.argument", "argument name", half -> QUEUE.argument(half, 1)),
                text("Queue.argument", "argument x[0]", half -> QUEUE.argument("x", List.of(half))),
                text("Queue.deadLetterExchange", "deadLetterExchange", QUEUE::deadLetterExchange),
                text("Queue.deadLetterRoutingKey", "deadLetterRoutingKey", QUEUE::deadLetterRoutingKey),
                text("Binding.of", "routingKey", half -> Binding.of(MEDIA, half)),
                text(
                        "Binding.toQueue",
                        "queue name",
                        half -> Binding.of(MEDIA, "k").toQueue(half)),
                text(
                        "Binding.toExchange",
                        "exchange name",
                        half -> Binding.of(MEDIA, "k").toExchange(half)),
                text("ConsumeOptions.consumerTag", "consumerTag", ConsumeOptions.defaults()::consumerTag),
                text(
                        "ConsumeOptions.argument",
                        "argument x",
                        half -> ConsumeOptions.defaults().argument("x", half)),
                text("ConnectionOptions.virtualHost", "virtualHost", options()::virtualHost),
                text("ConnectionOptions.connectionName", "connectionName", options()::connectionName),
                text("PublishOptions.to", "exchange", half -> PublishOptions.to(half, "k")),
                text("PublishOptions.to", "routingKey", half -> PublishOptions.to("", half)),
                text("PublishOptions.exchange", "exchange", OPTIONS::exchange),
                text("PublishOptions.routingKey", "routingKey", OPTIONS::routingKey),
                text("PublishOptions.contentType", "contentType", OPTIONS::contentType),
                text("PublishOptions.contentEncoding", "contentEncoding", OPTIONS::contentEncoding),
                text("PublishOptions.replyTo", "replyTo", OPTIONS::replyTo),
                text("PublishOptions.correlationId", "correlationId", OPTIONS::correlationId),
                text("PublishOptions.messageId", "messageId", OPTIONS::messageId),
                text("PublishOptions.type", "type", OPTIONS::type),
                text("PublishOptions.userId", "userId", OPTIONS::userId),
                text("PublishOptions.appId", "appId", OPTIONS::appId),
                text("PublishOptions.clusterId", "clusterId", OPTIONS::clusterId),
                text("PublishOptions.header", "headers key", half -> OPTIONS.header(half, 1)),
                text("PublishOptions.header", "headers.x", half -> OPTIONS.header("x", half)),
                text("PublishOptions.header", "headers.x key", half -> OPTIONS.header("x", Map.of(half, 1))),
                text(
                        "PublishOptions.header",
                        "headers.x.y[1]",
                        half -> OPTIONS.header("x", Map.of("y", new Object[] {1, half}))),
                text(
                        "MessageProperties.headers",
                        "headers.x",
                        half -> OPTIONS.properties(MessageProperties.EMPTY.headers(Map.of("x", half)))),
                text(
                        "MessageProperties.messageId",
                        "messageId",
                        half -> OPTIONS.properties(MessageProperties.EMPTY.messageId(half))));
    }

    private static ConnectionOptions options() {
        return ConnectionOptions.parse("amqp://");
    }

    @ParameterizedTest
    @MethodSource("texts")
    void halfASurrogatePairIsRefusedWithItsPlace(Text text) {
        assertInvalid(() -> text.call.accept(HALF), text.place + PROBLEM);
        text.call.accept("n\ud83d\ude00");
    }

    /** The password of one user would be accepted as that of another. */
    @Test
    void credentialsAreRefusedAndNotQuoted() {
        String message = "half a surrogate pair at 1 (expected: Unicode)";
        assertInvalid(() -> new Credentials(HALF, "p"), "username: " + message);
        assertInvalid(() -> new Credentials("u", HALF), "password: " + message);
        assertInvalid(() -> options().credentials(HALF, "p"), "username: " + message);
        assertInvalid(() -> options().username(HALF), "username: " + message);
        assertInvalid(() -> options().password(HALF), "password: " + message);
    }

    @Test
    void urisWithBytesThatAreNotUtf8AreRefused() {
        String expected = " percent-encoded in UTF-8: an e with acute accent is %C3%A9, not %E9)";
        refusedUri("amqp://u:p%E9@h", "password" + expected);
        refusedUri("amqp://u%e9:p@h", "user name" + expected);
        refusedUri("amqp://h/v%C3", "virtual host" + expected);
        refusedUri("amqp://h%80", "host" + expected);
        refusedUri("amqp://h/?name=a%ED%A0%80", "name" + expected); // an encoded surrogate
        refusedUri("amqp://u:p\ud83d@h", "password of Unicode characters; it has half a surrogate pair)");
        for (String malformed : List.of("%", "%4", "%%41", "%+1", "%g0", "%0g", "a%")) {
            refusedUri("amqp://u:" + malformed + "@h", "password with '%' only before two hexadecimal digits");
        }
        assertThat(ConnectionOptions.parse("amqp://u:p%C3%A9%25+%2b\ud83d\ude00@h")
                        .credentials()
                        .get()
                        .password())
                .isEqualTo("p\u00e9%++\ud83d\ude00");
    }

    private static void refusedUri(String uri, String expected) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionOptions.parse(uri))
                .withMessageStartingWith("uri: malformed (expected: ")
                .withMessageContaining(expected)
                .withMessageNotContaining("p%E9");
    }

    /** RabbitMQ closes the connection for NaN, and py-amqp fails on a time before 1970 or after 9999. */
    @Test
    void headersThatBrokersOrClientsFailOnAreRefused() {
        for (Object value : List.of(Double.NaN, Double.NEGATIVE_INFINITY, Float.NaN, Float.POSITIVE_INFINITY)) {
            String expected = value + " (expected: a finite number)";
            assertInvalid(() -> OPTIONS.header("x", value), "headers.x: " + expected);
            assertInvalid(
                    () -> OPTIONS.header("x", Arrays.asList(null, Map.of("y", value))), "headers.x[1].y: " + expected);
            assertInvalid(() -> QUEUE.arguments(Map.of("x", value)), "arguments.x: " + expected);
            assertInvalid(
                    () -> OPTIONS.properties(MessageProperties.EMPTY.headers(Map.of("x", value))),
                    "headers.x: " + expected);
        }
        assertInvalid(() -> OPTIONS.header("x", Instant.ofEpochSecond(-1)), "headers.x: 1969-12-31T23:59:59Z (");
        assertInvalid(() -> OPTIONS.header("x", date(-1)), "headers.x: 1969-12-31T23:59:59.999Z (");
        assertInvalid(() -> OPTIONS.timestamp(Instant.MIN), "timestamp: -1000000000-01-01T00:00:00Z (");
        assertInvalid(
                () -> OPTIONS.properties(MessageProperties.EMPTY.timestamp(Instant.MAX)),
                "timestamp: +1000000000-12-31T23:59:59Z (expected: 1970 to 9999)");
        assertInvalid(() -> OPTIONS.header("x", new Object()), "headers.x: a java.lang.Object (expected: text");
        assertInvalid(() -> OPTIONS.header("x", Map.of(1, 2)), "headers.x key: 1 (expected: a string)");
        assertInvalid(() -> OPTIONS.header("x", Map.of("k".repeat(256), 2)), "headers.x key: 'kkk");
    }

    @SuppressWarnings("JavaUtilDate") // applications pass Date in tables
    private static Date date(long millis) {
        return new Date(millis);
    }

    /** As deep as the wire: 32 tables and lists, the outermost included. */
    @Test
    void nestingIsLimitedAsOnTheWire() {
        Map<String, Object> table = new LinkedHashMap<>();
        Map<String, Object> deepest = table;
        for (int depth = 2; depth <= 32; depth++) {
            Map<String, Object> inner = new HashMap<>();
            deepest.put("t", inner);
            deepest = inner;
        }
        assertThat(OPTIONS.headers(table).properties().headers()).isEqualTo(table);
        deepest.put("t", List.of());
        assertInvalid(() -> OPTIONS.headers(table), "nesting: 33 (expected: <= 32)");
    }

    @Test
    void everyMethodOfAValueThatTakesTextIsTested() {
        Set<String> tested = new TreeSet<>(NOT_SENT);
        texts().forEach(text -> tested.add(text.method));
        tested.addAll(Set.of(
                "Credentials.<init>",
                "ConnectionOptions.credentials",
                "ConnectionOptions.username",
                "ConnectionOptions.password"));
        Set<String> methods = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter()
                .importClasses(
                        Address.class,
                        Binding.class,
                        ConnectionOptions.class,
                        ConsumeOptions.class,
                        Credentials.class,
                        Exchange.class,
                        PublishOptions.class,
                        Queue.class,
                        TlsOptions.class)) {
            type.getCodeUnits().stream()
                    .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC)
                            && unit.getRawParameterTypes().stream().anyMatch(each -> each.isEquivalentTo(String.class)))
                    .forEach(unit -> methods.add(type.getSimpleName() + "." + unit.getName()));
        }
        assertThat(methods).hasSizeGreaterThan(40);
        assertThat(tested).containsAll(methods);
    }
}
