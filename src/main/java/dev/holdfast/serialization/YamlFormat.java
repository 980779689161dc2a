package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.introspector.Property;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Represent;
import org.yaml.snakeyaml.representer.Representer;

/**
 * Serializer {@code yaml}: YAML without tags that construct objects, as PyYAML's {@code safe_dump} and {@code
 * safe_load}. Dates and date-times are YAML timestamps. Types that YAML does not have (BigDecimal, UUID, times of day
 * and enums) are written as text. Collections as keys are refused. A document may have 50 aliases to collections; the
 * nesting depth is limited to 100, integers to 1000 digits. Thread-safe.
 */
final class YamlFormat implements Serializer {
    /** YAML's value key: PyYAML reads it as text only if it is quoted. */
    private static final String VALUE_KEY = "=";

    YamlFormat() {
        // Loads the library: if it is absent, the constructor fails, not a later call.
        Yaml unused = newYaml();
    }

    /** Creates a Yaml for one call, since it is not thread-safe. */
    private static Yaml newYaml() {
        DumperOptions options = new DumperOptions();
        options.setNonPrintableStyle(DumperOptions.NonPrintableStyle.ESCAPE);
        return new Yaml(new DataRepresenter(options), options);
    }

    @Override
    public String contentType() {
        return "application/x-yaml";
    }

    @Override
    public Optional<String> contentEncoding() {
        return Optional.of("utf-8");
    }

    @Override
    public byte[] serialize(Object body) {
        return TextCodec.encode(newYaml().dump(body));
    }

    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        newYaml().dump(body, writer);
        writer.flush();
    }

    @Override
    public @Nullable Object deserialize(byte[] body) {
        String text = TextCodec.decode(body, StandardCharsets.UTF_8);
        try {
            return YamlReader.read(text);
        } catch (DecodeException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new DecodeException("body is not yaml: " + e.getMessage(), e);
        }
    }

    /** Represents the types that the class comment lists, and refuses beans. */
    private static final class DataRepresenter extends Representer {
        DataRepresenter(DumperOptions options) {
            super(options);
            Represent text =
                    value -> representScalar(Tag.STR, value instanceof Enum<?> e ? e.name() : value.toString());
            for (Class<?> type : List.of(UUID.class, BigDecimal.class, LocalTime.class, OffsetTime.class)) {
                representers.put(type, text);
            }
            multiRepresenters.put(Enum.class, text);
            Represent string = requireNonNull(representers.get(String.class));
            representers.put(
                    String.class,
                    value -> value.equals(VALUE_KEY)
                            ? representScalar(Tag.STR, VALUE_KEY, DumperOptions.ScalarStyle.SINGLE_QUOTED)
                            : string.representData(value));
            Represent time = value -> representScalar(Tag.TIMESTAMP, IsoTime.format(value));
            for (Class<?> type : List.of(
                    OffsetDateTime.class, ZonedDateTime.class, Instant.class, LocalDateTime.class, LocalDate.class)) {
                representers.put(type, time);
            }
            representers.put(Double.class, value -> representScalar(Tag.FLOAT, formatFloat((Double) value)));
            representers.put(Float.class, value -> representScalar(Tag.FLOAT, formatFloat((Float) value)));
        }

        /** Writes a sign before the exponent: PyYAML reads a number without it as text. */
        private static String formatFloat(double value) {
            if (Double.isNaN(value)) {
                return ".nan";
            }
            if (Double.isInfinite(value)) {
                return value > 0 ? ".inf" : "-.inf";
            }
            String text = Double.toString(value);
            return text.contains("E-") ? text : text.replace("E", "e+");
        }

        @Override
        protected Set<Property> getProperties(Class<? extends Object> type) {
            throw new SerializationException(
                    "body: " + type.getName() + " (expected: a type that yaml supports)", null);
        }
    }
}
