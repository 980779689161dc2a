package dev.holdfast.serialization;

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

/** A generator that is used again writes what a new one would. */
class JsonWriterTest {
    private final ObjectMapper mapper = new ObjectMapper();
    private final JsonWriter writer = new JsonWriter(mapper);

    private interface Form {
        void write(JsonGenerator out) throws IOException;
    }

    private record Odd(Form form) {}

    @JsonIdentityInfo(generator = ObjectIdGenerators.IntSequenceGenerator.class)
    private record Known(String name) {}

    @BeforeEach
    void writeOddThings() {
        mapper.registerModule(new SimpleModule().addSerializer(Odd.class, new JsonSerializer<>() {
            @Override
            public void serialize(Odd odd, JsonGenerator out, SerializerProvider provider) throws IOException {
                odd.form.write(out);
            }
        }));
    }

    @Test
    void everyValueStandsAlone() throws Exception {
        for (Object value : Arrays.asList(1, 2, "a", "b", true, List.of(), Map.of("a", List.of(1)), 1.5, List.of(0))) {
            assertThat(written(value)).isEqualTo(mapper.writeValueAsString(value));
        }
    }

    /** More than a generator's own buffer, of either kind. */
    @Test
    void largeValuesStandAlone() throws Exception {
        List<String> large = IntStream.range(0, 5000).mapToObj(i -> "grüße" + i).toList();
        for (Object value : List.of(large, "x".repeat(50_000), 1, large)) {
            assertThat(written(value)).isEqualTo(mapper.writeValueAsString(value));
        }
    }

    @Test
    void nothingIsLeftOfAValueThatFailed() throws Exception {
        assertThat(written(1)).isEqualTo("1");
        Odd broken = new Odd(out -> {
            throw new IOException("broken");
        });
        assertThatThrownBy(() -> written(Map.of("list", List.of("first", broken))))
                .hasMessageContaining("broken");
        assertThat(written(2)).isEqualTo("2");
        OutputStream full = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("no space left");
            }
        };
        assertThatThrownBy(() -> writer.write(List.of(3), full)).hasMessage("no space left");
        assertThat(written(4)).isEqualTo("4");
    }

    @Test
    void whatASerializerLeavesOpenIsClosedAndEndsWithItsValue() throws Exception {
        Odd open = new Odd(JsonGenerator::writeStartArray);
        assertThat(written(open)).isEqualTo("[]");
        assertThat(written(Map.of("a", 1))).isEqualTo("{\"a\":1}");
    }

    @Test
    void whatASerializerClosesEndsWithItsValue() throws Exception {
        assertThat(written(new Odd(JsonGenerator::close))).isEmpty();
        assertThat(written(Map.of("a", 1))).isEqualTo("{\"a\":1}");
    }

    @Test
    void whatASerializerSetsHoldsForItsValueOnly() throws Exception {
        String plain = written(Map.of("ä\u2028", 1.5));
        List<Form> settings = List.of(
                out -> out.disable(JsonWriteFeature.QUOTE_FIELD_NAMES.mappedFeature()),
                out -> out.setHighestNonEscapedChar(127),
                out -> out.setCharacterEscapes(new JsonpCharacterEscapes()),
                JsonGenerator::useDefaultPrettyPrinter);
        for (Form setting : settings) {
            String changed = written(new Odd(out -> {
                setting.write(out);
                out.writeNumber(1);
            }));
            assertThat(changed.strip()).isEqualTo("1");
            assertThat(written(Map.of("ä\u2028", 1.5))).isEqualTo(plain);
        }
    }

    /** Some write a preamble. */
    @Test
    void aDecoratedStreamIsMadeAnewForEachValue() throws Exception {
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
        JsonWriter decorated = new JsonWriter(
                new ObjectMapper(JsonFactory.builder().outputDecorator(preamble).build()));
        assertThat(written(decorated, 1)).isEqualTo("#1");
        assertThat(written(decorated, 2)).isEqualTo("#2");
    }

    @Test
    void aSerializerMayWriteByItself() throws Exception {
        Odd outer = new Odd(out -> out.writeString(written(List.of(1))));
        for (int i = 0; i < 3; i++) {
            assertThat(written(Map.of("inner", outer))).isEqualTo("{\"inner\":\"[1]\"}");
        }
    }

    /** An identity is that of one message. */
    @Test
    void anObjectThatWasWrittenBeforeIsWrittenWhole() throws Exception {
        Known known = new Known("it");
        String whole = written(known);
        assertThat(whole).contains("name");
        assertThat(written(known)).isEqualTo(whole);
    }

    @Test
    void prettyPrintingIsTheSameEachTime() throws Exception {
        JsonWriter pretty = new JsonWriter(new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT));
        String first = written(pretty, Map.of("a", 1));
        assertThat(first).startsWith("{");
        assertThat(written(pretty, Map.of("a", 1))).isEqualTo(first);
    }

    /** What wraps a generator may count values, or skip some. */
    @Test
    void aDecoratedGeneratorIsMadeAnewForEachValue() throws Exception {
        AtomicInteger made = new AtomicInteger();
        JsonGeneratorDecorator counting = (factory, generator) -> {
            made.incrementAndGet();
            return new JsonGeneratorDelegate(generator);
        };
        JsonWriter decorated = new JsonWriter(
                new ObjectMapper(JsonFactory.builder().addDecorator(counting).build()));
        int before = made.get();
        assertThat(written(decorated, 1)).isEqualTo("1");
        assertThat(written(decorated, 2)).isEqualTo("2");
        assertThat(made.get() - before).isEqualTo(2);
    }

    @Test
    void manyThreadsWrite() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 16; thread++) {
                Map<String, Integer> value = Map.of("thread", thread);
                String expected = mapper.writeValueAsString(value);
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 5000; i++) {
                        assertThat(written(value)).isEqualTo(expected);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aValueIsNotKept() throws Exception {
        WeakReference<Object> value = writtenOnce();
        Await.until("the value is collected", () -> {
            System.gc();
            return value.get() == null;
        });
    }

    private WeakReference<Object> writtenOnce() throws IOException {
        List<List<byte[]>> value = List.of(List.of(new byte[1000]));
        writer.write(value, OutputStream.nullOutputStream());
        return new WeakReference<>(value);
    }

    private String written(Object value) throws IOException {
        return written(writer, value);
    }

    private static String written(JsonWriter writer, Object value) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.write(value, out);
        return out.toString(UTF_8);
    }
}
