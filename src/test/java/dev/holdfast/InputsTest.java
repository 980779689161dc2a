package dev.holdfast;

import static dev.holdfast.InvalidArguments.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.holdfast.pool.ConnectionPool;
import dev.holdfast.pool.Pools;
import dev.holdfast.serialization.Accept;
import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.Json;
import dev.holdfast.serialization.SerializerRegistry;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Public methods copy the maps, lists and arrays that they are given, and do not change them; those that they return
 * are unmodifiable.
 */
@SuppressWarnings("JavaUtilDate") // applications pass Date in tables
class InputsTest {
    private static final Exchange MEDIA = Exchange.direct("media");
    private static final Binding BINDING = Binding.of(MEDIA, "k").toQueue("q");

    /** Methods of objects with a connection, and MessageProperties: the test or reason for each. */
    private static final Map<String, String> EXCEPTIONS = Map.of(
            "Channel.declare", "DeclareTest",
            "Channel.declareAsync", "DeclareTest",
            "Connection.consumer", "ConsumerTest.queueListIsCopied",
            "Consumer.<init>", "ConsumerTest.queueListIsCopied",
            "MessageProperties.headers",
                    "copies the map and not its values, as documented; PublishOptions copies them");

    /** A method that takes a map; the call returns a supplier of the map as stored. */
    private record Table(String name, Function<Map<String, Object>, Supplier<Map<String, Object>>> call) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Table table(String name, Function<Map<String, Object>, Supplier<Map<String, Object>>> call) {
        return new Table(name, call);
    }

    static Stream<Table> tables() {
        Queue queue = Queue.of("q", MEDIA, "k");
        return Stream.of(
                table("Binding.arguments", m -> BINDING.arguments(m)::arguments),
                table(
                        "Binding.fromMap",
                        m -> Binding.fromMap(Map.of("exchange", Map.of("name", "e"), "arguments", m))::arguments),
                table("Binding.matchAll", m -> BINDING.matchAll(m)::arguments),
                table("Binding.matchAny", m -> BINDING.matchAny(m)::arguments),
                table("Binding.unbindArguments", m -> BINDING.unbindArguments(m)::unbindArguments),
                table(
                        "ConnectionOptions.clientProperties",
                        m -> ConnectionOptions.parse("amqp://").clientProperties(m)::clientProperties),
                table("ConsumeOptions.arguments", m -> ConsumeOptions.defaults().arguments(m)::arguments),
                table("ConsumeOptions.argument", m -> ConsumeOptions.defaults().argument("x", m)::arguments),
                table("Exchange.arguments", m -> MEDIA.arguments(m)::arguments),
                table("Exchange.fromMap", m -> Exchange.fromMap(Map.of("name", "e", "arguments", m))::arguments),
                table("Exchange.argument", m -> MEDIA.argument("x", m)::arguments),
                table(
                        "PublishOptions.headers",
                        m -> headers(PublishOptions.defaults().headers(m))),
                table(
                        "PublishOptions.header",
                        m -> headers(PublishOptions.defaults().header("x", m))),
                table(
                        "PublishOptions.properties",
                        m -> headers(PublishOptions.defaults().properties(MessageProperties.EMPTY.headers(m)))),
                table("Queue.arguments", m -> queue.arguments(m)::arguments),
                table("Queue.fromMap", m -> Queue.fromMap(Map.of("name", "q", "queue_arguments", m))::arguments),
                table("Queue.argument", m -> queue.argument("x", m)::arguments),
                table("Queue.consumerArguments", m -> queue.consumerArguments(m)::consumerArguments),
                table(
                        "Queue.bindingArguments",
                        m -> queue.bindingArguments(m).bindings().get(0)::arguments));
    }

    private static Supplier<Map<String, Object>> headers(PublishOptions options) {
        return () -> {
            Map<String, Object> headers = options.properties().headers();
            assertThat(headers).isNotNull();
            return headers;
        };
    }

    @ParameterizedTest
    @MethodSource("tables")
    void tablesAreDeeplyCopied(Table table) {
        Map<String, Object> argument = mutableTable();
        Supplier<Map<String, Object>> stored = table.call().apply(argument);
        assertThat(text(argument)).as("argument").isEqualTo(text(mutableTable()));
        String before = text(stored.get());
        change(argument);
        assertThat(text(stored.get())).as("stored").isEqualTo(before);
        assertThatThrownBy(() -> stored.get().put("y", 1)).isInstanceOf(UnsupportedOperationException.class);
    }

    private static Map<String, Object> mutableTable() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("plain", 1);
        map.put("table", new HashMap<>(Map.of("list", new ArrayList<>(List.of(1, 2)))));
        map.put("array", new Object[] {"a", "b"});
        map.put("bytes", new byte[] {1, 2});
        map.put("time", new Date(0));
        map.put("text", CharBuffer.wrap("text".toCharArray()));
        return map;
    }

    @SuppressWarnings("unchecked")
    private static void change(Map<String, Object> map) {
        ((List<Object>) ((Map<String, Object>) map.get("table")).get("list")).add(3);
        ((Map<String, Object>) map.get("table")).put("more", true);
        ((Object[]) map.get("array"))[0] = "changed";
        ((byte[]) map.get("bytes"))[0] = 9;
        ((Date) map.get("time")).setTime(1);
        ((CharBuffer) map.get("text")).put(0, 'T');
        map.put("plain", 2);
        map.put("more", 3);
    }

    private static String text(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Object[] values) {
            return text(Arrays.asList(values));
        }
        if (value instanceof Collection<?> values) {
            return values.stream().map(InputsTest::text).toList().toString();
        }
        return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
    }

    @Test
    void aTableThatContainsItselfIsRefused() {
        Map<String, Object> cyclic = new HashMap<>();
        cyclic.put("self", cyclic);
        assertInvalid(() -> Queue.of("q").arguments(cyclic), "nesting: 33 (expected: <= 32)");
    }

    /** A method that takes a list; the call returns a supplier of the list as stored. */
    private record ListCase<T>(String name, List<T> elements, Function<List<T>, Supplier<Object>> call) {
        @Override
        public String toString() {
            return name;
        }

        void check() {
            List<T> argument = new ArrayList<>(elements);
            Supplier<Object> stored = call.apply(argument);
            assertThat(argument).as("argument").isEqualTo(elements);
            String before = stored.get().toString();
            argument.remove(0);
            assertThat(stored.get()).as("stored").hasToString(before);
        }
    }

    static Stream<ListCase<?>> lists() {
        List<Binding> bindings = List.of(BINDING, Binding.of(MEDIA, "other"));
        List<Declarable> entities = List.of(MEDIA, Queue.of("q"));
        return Stream.of(
                new ListCase<>(
                        "ConnectionOptions.parse",
                        List.of("amqp://a", "amqp://b"),
                        l -> ConnectionOptions.parse(l)::addresses),
                new ListCase<>(
                        "ConnectionOptions.addresses",
                        List.of(new Address("a", 1), new Address("b", 2)),
                        l -> ConnectionOptions.parse("amqp://").addresses(l)::addresses),
                new ListCase<>(
                        "Failover.order",
                        IntStream.rangeClosed(1, 50)
                                .mapToObj(port -> new Address("a", port))
                                .toList(),
                        l -> {
                            assertThat(Failover.SHUFFLE.order(l)).hasSameSizeAs(l);
                            assertThat(Failover.ROUND_ROBIN.order(l)).hasSameSizeAs(l);
                            return () -> "";
                        }),
                new ListCase<>(
                        "PublishOptions.declare",
                        entities,
                        l -> PublishOptions.defaults().declare(l)::declarations),
                new ListCase<>("Queue.of", bindings, l -> Queue.of("q", l)::bindings),
                new ListCase<>("Queue.bindings", bindings, l -> Queue.of("q").bindings(l)::bindings));
    }

    @ParameterizedTest
    @MethodSource("lists")
    void listsAreCopied(ListCase<?> list) {
        list.check();
    }

    @Test
    void arraysAreCopied() {
        Declarable[] entities = {MEDIA};
        PublishOptions declaring = PublishOptions.defaults().declare(entities);
        entities[0] = Queue.of("q");
        assertThat(declaring.declarations()).containsExactly(MEDIA);

        String[] names = {"yaml", "json"};
        Accept accept = Accept.only(names);
        assertThat(names).containsExactly("yaml", "json");
        names[0] = "pickle";
        assertThat(accept.names()).containsExactly("json", "yaml");
        assertThatThrownBy(() -> accept.names().add("pickle")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void registriesAreImmutable() {
        SerializerRegistry serializers = SerializerRegistry.standard();
        SerializerRegistry changed = serializers.with("json", Json.plain()).with("added", Json.kombu());
        assertThat(serializers.find("added")).isEmpty();
        assertThat(serializers.get("json")).isNotSameAs(changed.get("json"));
        CompressorRegistry compressors = CompressorRegistry.standard();
        CompressorRegistry extended = compressors.with("added", compressors.get("gzip"));
        assertThat(compressors.find("added")).isEmpty();
        assertThat(extended.find("added")).isPresent();

        byte[] body = "{\"a\": [1]}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] copy = body.clone();
        assertThat(serializers.get("json").deserialize(body)).isEqualTo(Map.of("a", List.of(1)));
        assertThat(body).isEqualTo(copy);
    }

    @Test
    void poolsCopyTheirOptions() {
        Map<String, Object> properties = new HashMap<>(Map.of("product", "a"));
        ConnectionOptions options = ConnectionOptions.parse("amqp://").clientProperties(properties);
        try (Pools pools = new Pools()) {
            ConnectionPool pool = pools.connections(options);
            properties.put("product", "b");
            assertThat(pools.connections(options)).isSameAs(pool);
            assertThat(pools.connections(options.clientProperties(properties))).isNotSameAs(pool);
        }
    }

    @Test
    void everyMethodThatTakesAContainerIsTested() {
        Set<String> tested = new TreeSet<>(EXCEPTIONS.keySet());
        tables().forEach(table -> tested.add(table.name()));
        lists().forEach(list -> tested.add(list.name()));
        tested.add("Accept.only");
        Set<String> methods = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("testkit"))
                .importPackages("dev.holdfast")) {
            String name = type.getPackageName();
            if (type.getModifiers().contains(JavaModifier.PUBLIC)
                    && (name.equals("dev.holdfast") || name.equals("dev.holdfast.serialization"))) {
                type.getCodeUnits().stream()
                        .filter(InputsTest::takesAContainer)
                        .forEach(unit -> methods.add(type.getSimpleName() + "." + unit.getName()));
            }
        }
        assertThat(tested).containsAll(methods);
        assertThat(methods).hasSizeGreaterThan(20);
    }

    private static boolean takesAContainer(JavaCodeUnit unit) {
        return unit.getModifiers().contains(JavaModifier.PUBLIC)
                && unit.getRawParameterTypes().stream()
                        .anyMatch(type -> type.isAssignableTo(Map.class)
                                || type.isAssignableTo(Collection.class)
                                || (type.isArray()
                                        && !type.getBaseComponentType().isPrimitive()));
    }
}
