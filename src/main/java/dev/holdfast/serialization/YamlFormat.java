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
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.introspector.Property;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Represent;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Serializer {@code yaml}: YAML without tags that construct objects, as PyYAML's {@code safe_dump} and {@code
 * safe_load}. Dates and date-times are YAML timestamps. Types that YAML does not have (BigDecimal, UUID, times of day
 * and enums) are written as text. A document may have 50 aliases to collections; the nesting depth is limited to 100.
 * Thread-safe.
 */
final class YamlFormat implements Serializer {
    private static final int MAX_DEPTH = 100;

    /** YAML's value key: PyYAML reads it as text only if it is quoted. */
    private static final String VALUE_KEY = "=";

    YamlFormat() {
        // Loads the library: if it is absent, the constructor fails, not a later call.
        Yaml unused = newYaml(new Resolver());
    }

    /** Creates a Yaml for one call, since it is not thread-safe. */
    private static Yaml newYaml(Resolver resolver) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);
        options.setNestingDepthLimit(MAX_DEPTH);
        DumperOptions dumperOptions = new DumperOptions();
        dumperOptions.setNonPrintableStyle(DumperOptions.NonPrintableStyle.ESCAPE);
        return new Yaml(
                new TimestampConstructor(options),
                new DataRepresenter(dumperOptions),
                dumperOptions,
                options,
                resolver);
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
        return TextCodec.encode(newYaml(new Resolver()).dump(body));
    }

    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        newYaml(new Resolver()).dump(body, writer);
        writer.flush();
    }

    @Override
    public @Nullable Object deserialize(byte[] body) {
        String text = TextCodec.decode(body, StandardCharsets.UTF_8);
        try {
            return newYaml(new PyYamlResolver()).load(text);
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

    /** Resolves {@code 1e5} to text, as PyYAML does, which writes such text unquoted. */
    private static final class PyYamlResolver extends Resolver {
        private static final Pattern FLOAT = Pattern.compile("[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?"
                + "|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*"
                + "|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)");

        @Override
        public void addImplicitResolver(Tag tag, Pattern regexp, String first, int limit) {
            super.addImplicitResolver(tag, tag.equals(Tag.FLOAT) ? FLOAT : regexp, first, limit);
        }
    }

    /** Constructs java.time values from timestamps. */
    private static final class TimestampConstructor extends SafeConstructor {
        private static final Pattern TIMESTAMP = Pattern.compile("(\\d{4})-(\\d\\d?)-(\\d\\d?)(?:(?:[Tt]|[ \\t]+)"
                + "(\\d\\d?):(\\d\\d):(\\d\\d)(?:\\.(\\d*))?[ \\t]*(Z|[-+]\\d\\d?(?::?\\d\\d)?)?)?");

        TimestampConstructor(LoaderOptions options) {
            super(options);
            yamlConstructors.put(Tag.TIMESTAMP, new AbstractConstruct() {
                @Override
                public Object construct(Node node) {
                    return parseTimestamp(((ScalarNode) node).getValue());
                }
            });
        }

        private static Object parseTimestamp(String text) {
            Matcher matcher = TIMESTAMP.matcher(text);
            if (!matcher.matches()) {
                throw new DecodeException("timestamp: " + text + " (expected: a date or a date and time)", null);
            }
            LocalDate date = LocalDate.of(number(matcher, 1), number(matcher, 2), number(matcher, 3));
            if (matcher.group(4) == null) {
                return date;
            }
            String fraction = matcher.group(7) == null ? "" : matcher.group(7);
            int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
            LocalDateTime dateTime = date.atTime(number(matcher, 4), number(matcher, 5), number(matcher, 6), nanos);
            return matcher.group(8) == null ? dateTime : dateTime.atOffset(ZoneOffset.of(matcher.group(8)));
        }

        private static int number(Matcher matcher, int group) {
            return Integer.parseInt(matcher.group(group));
        }
    }
}
