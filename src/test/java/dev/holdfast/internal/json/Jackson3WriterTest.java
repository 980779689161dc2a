package dev.holdfast.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonIdentityInfo;
import com.fasterxml.jackson.annotation.ObjectIdGenerators;
import dev.holdfast.testing.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ref.WeakReference;
import java.math.BigDecimal;
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
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.io.OutputDecorator;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonGeneratorDecorator;
import tools.jackson.core.util.JsonGeneratorDelegate;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** A pooled generator writes the same as a new one. */
class Jackson3WriterTest {
    private interface GeneratorCalls {
        void apply(JsonGenerator out);
    }

    /** A value whose serializer makes these calls. */
    private record Custom(GeneratorCalls calls) {}

    @JsonIdentityInfo(generator = ObjectIdGenerators.IntSequenceGenerator.class)
    private record Identified(String name) {}

    private final JsonMapper mapper = JsonMapper.builder()
            .addModule(new SimpleModule().addSerializer(Custom.class, new ValueSerializer<>() {
                @Override
                public void serialize(Custom custom, JsonGenerator out, SerializationContext context) {
                    custom.calls.apply(out);
                }
            }))
            .build();
    private final Jackson3Writer writer = new Jackson3Writer(mapper);

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
            throw new UnsupportedOperationException("broken");
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
        assertThatThrownBy(() -> writer.write(List.of(3), full)).hasRootCauseMessage("no space left");
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
        BigDecimal thousand = new BigDecimal("1E+3");
        String changed = write(new Custom(out -> {
            out.configure(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN, true);
            out.writeNumber(thousand);
        }));
        assertThat(changed).isEqualTo("1000");
        assertThat(write(thousand)).isEqualTo("1E+3");
    }

    /** An object id is valid within one message, also for a value that a serializer passes to its generator. */
    @Test
    void objectOfASerializerIsWrittenInFullInEachMessage() {
        Identified object = new Identified("it");
        Custom outer = new Custom(out -> out.writePOJO(object));
        String first = write(outer);
        assertThat(first).contains("name");
        assertThat(write(outer)).isEqualTo(first);
    }

    /** A decorator may write a preamble. */
    @Test
    void streamIsDecoratedForEachValue() throws Exception {
        OutputDecorator preamble = new OutputDecorator() {
            @Override
            public OutputStream decorate(IOContext context, OutputStream out) {
                try {
                    out.write('#');
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return out;
            }

            @Override
            public Writer decorate(IOContext context, Writer out) {
                return out;
            }
        };
        Jackson3Writer decorated = new Jackson3Writer(
                new JsonMapper(JsonFactory.builder().outputDecorator(preamble).build()));
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
        Jackson3Writer pretty = new Jackson3Writer(
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build());
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
        Jackson3Writer decorated = new Jackson3Writer(
                new JsonMapper(JsonFactory.builder().addDecorator(counting).build()));
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

    private WeakReference<Object> writeAndForget() {
        List<List<byte[]>> value = List.of(List.of(new byte[1000]));
        writer.write(value, OutputStream.nullOutputStream());
        return new WeakReference<>(value);
    }

    private String write(Object value) {
        return write(writer, value);
    }

    private static String write(Jackson3Writer writer, Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.write(value, out);
        return out.toString(UTF_8);
    }
}
