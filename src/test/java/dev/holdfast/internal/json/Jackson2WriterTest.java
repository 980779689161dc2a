package dev.holdfast.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonIdentityInfo;
import com.fasterxml.jackson.annotation.ObjectIdGenerators;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonpCharacterEscapes;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.io.OutputDecorator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonGeneratorDecorator;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.holdfast.testing.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pooled generator writes the same as a new one. */
class Jackson2WriterTest {
    private final ObjectMapper mapper = new ObjectMapper();
    private final Jackson2Writer writer = new Jackson2Writer(mapper);

    private interface GeneratorCalls {
        void apply(JsonGenerator out) throws IOException;
    }

    /** A value whose serializer makes these calls. */
    private record Custom(GeneratorCalls calls) {}

    @JsonIdentityInfo(generator = ObjectIdGenerators.IntSequenceGenerator.class)
    private record Identified(String name) {}

    @BeforeEach
    void addCustomSerializer() {
        mapper.registerModule(new SimpleModule().addSerializer(Custom.class, new JsonSerializer<>() {
            @Override
            public void serialize(Custom custom, JsonGenerator out, SerializerProvider provider) throws IOException {
                custom.calls.apply(out);
            }
        }));
    }

    @Test
    void consecutiveValuesAreIndependent() throws Exception {
        for (Object value : Arrays.asList(1, 2, "a", "b", true, List.of(), Map.of("a", List.of(1)), 1.5, List.of(0))) {
            assertThat(write(value)).isEqualTo(mapper.writeValueAsString(value));
        }
    }

    /** Larger than either buffer of a generator. */
    @Test
    void largeValuesAreIndependent() throws Exception {
        List<String> large = IntStream.range(0, 5000).mapToObj(i -> "grüße" + i).toList();
        for (Object value : List.of(large, "x".repeat(50_000), 1, large)) {
            assertThat(write(value)).isEqualTo(mapper.writeValueAsString(value));
        }
    }

    @Test
    void failedValueLeavesNoOutput() throws Exception {
        assertThat(write(1)).isEqualTo("1");
        Custom broken = new Custom(out -> {
            throw new IOException("broken");
        });
        assertThatThrownBy(() -> write(Map.of("list", List.of("first", broken))))
                .hasMessageContaining("broken");
        assertThat(write(2)).isEqualTo("2");
        OutputStream full = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("no space left");
            }
        };
        assertThatThrownBy(() -> writer.write(List.of(3), full)).hasMessage("no space left");
        assertThat(write(4)).isEqualTo("4");
    }

    @Test
    void arrayLeftOpenBySerializerIsClosed() throws Exception {
        Custom open = new Custom(JsonGenerator::writeStartArray);
        assertThat(write(open)).isEqualTo("[]");
        assertThat(write(Map.of("a", 1))).isEqualTo("{\"a\":1}");
    }

    @Test
    void generatorClosedBySerializerIsNotReused() throws Exception {
        assertThat(write(new Custom(JsonGenerator::close))).isEmpty();
        assertThat(write(Map.of("a", 1))).isEqualTo("{\"a\":1}");
    }

    @Test
    void settingsOfSerializerApplyToItsValueOnly() throws Exception {
        String plain = write(Map.of("ä\u2028", 1.5));
        List<GeneratorCalls> settings = List.of(
                out -> out.disable(JsonWriteFeature.QUOTE_FIELD_NAMES.mappedFeature()),
                out -> out.setHighestNonEscapedChar(127),
                out -> out.setCharacterEscapes(new JsonpCharacterEscapes()),
                JsonGenerator::useDefaultPrettyPrinter);
        for (GeneratorCalls setting : settings) {
            String changed = write(new Custom(out -> {
                setting.apply(out);
                out.writeNumber(1);
            }));
            assertThat(changed.strip()).isEqualTo("1");
            assertThat(write(Map.of("ä\u2028", 1.5))).isEqualTo(plain);
        }
    }

    /** A decorator may write a preamble. */
    @Test
    void streamIsDecoratedForEachValue() throws Exception {
        OutputDecorator preamble = new OutputDecorator() {
            @Override
            public OutputStream decorate(IOContext context, OutputStream out) throws IOException {
                out.write('#');
                return out;
            }

            @Override
            public Writer decorate(IOContext context, Writer out) {
                return out;
            }
        };
        Jackson2Writer decorated = new Jackson2Writer(
                new ObjectMapper(JsonFactory.builder().outputDecorator(preamble).build()));
        assertThat(write(decorated, 1)).isEqualTo("#1");
        assertThat(write(decorated, 2)).isEqualTo("#2");
    }

    @Test
    void serializerMayCallTheWriter() throws Exception {
        Custom outer = new Custom(out -> out.writeString(write(List.of(1))));
        for (int i = 0; i < 3; i++) {
            assertThat(write(Map.of("inner", outer))).isEqualTo("{\"inner\":\"[1]\"}");
        }
    }

    /** An object id is valid within one message. */
    @Test
    void objectIsWrittenInFullInEachMessage() throws Exception {
        Identified object = new Identified("it");
        String first = write(object);
        assertThat(first).contains("name");
        assertThat(write(object)).isEqualTo(first);
    }

    @Test
    void prettyPrintedValuesAreIndependent() throws Exception {
        Jackson2Writer pretty = new Jackson2Writer(new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT));
        String first = write(pretty, Map.of("a", 1));
        assertThat(first).startsWith("{");
        assertThat(write(pretty, Map.of("a", 1))).isEqualTo(first);
    }

    /** A decorator may count values, or skip some. */
    @Test
    void generatorIsDecoratedForEachValue() throws Exception {
        AtomicInteger decorations = new AtomicInteger();
        JsonGeneratorDecorator counting = (factory, generator) -> {
            decorations.incrementAndGet();
            return new JsonGeneratorDelegate(generator);
        };
        Jackson2Writer decorated = new Jackson2Writer(
                new ObjectMapper(JsonFactory.builder().addDecorator(counting).build()));
        int before = decorations.get();
        assertThat(write(decorated, 1)).isEqualTo("1");
        assertThat(write(decorated, 2)).isEqualTo("2");
        assertThat(decorations.get() - before).isEqualTo(2);
    }

    @Test
    void threadsWriteConcurrently() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<?>> results = new ArrayList<>();
            for (int thread = 0; thread < 16; thread++) {
                Map<String, Integer> value = Map.of("thread", thread);
                String expected = mapper.writeValueAsString(value);
                results.add(threads.submit(() -> {
                    for (int i = 0; i < 5000; i++) {
                        assertThat(write(value)).isEqualTo(expected);
                    }
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void writtenValueIsNotRetained() throws Exception {
        WeakReference<Object> value = writeAndForget();
        Await.until("the value is collected", () -> {
            System.gc();
            return value.get() == null;
        });
    }

    private WeakReference<Object> writeAndForget() throws IOException {
        List<List<byte[]>> value = List.of(List.of(new byte[1000]));
        writer.write(value, OutputStream.nullOutputStream());
        return new WeakReference<>(value);
    }

    private String write(Object value) throws IOException {
        return write(writer, value);
    }

    private static String write(Jackson2Writer writer, Object value) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.write(value, out);
        return out.toString(UTF_8);
    }
}
