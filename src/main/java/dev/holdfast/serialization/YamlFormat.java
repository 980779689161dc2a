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
 * YAML without tags that make objects, as PyYAML's safe_dump and safe_load. Dates and times are YAML's timestamps; a
 * BigDecimal, a UUID, a time of day and an enum, which it has no form for, are text. At most 50 aliases to collections,
 * nesting ends at 100. Thread-safe.
 */
final class YamlFormat implements Serializer {
    private static final int MAX_DEPTH = 100;

    /** PyYAML reads it only where it is quoted. */
    private static final String VALUE_KEY = "=";

    YamlFormat() {
        // Links the library, so that it is missed here and not within a message.
        Yaml unused = yaml(new Resolver());
    }

    /** One for each call: it is not thread-safe. */
    private static Yaml yaml(Resolver resolver) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);
        options.setNestingDepthLimit(MAX_DEPTH);
        DumperOptions style = new DumperOptions();
        style.setNonPrintableStyle(DumperOptions.NonPrintableStyle.ESCAPE);
        return new Yaml(new Reading(options), new Writing(style), style, options, resolver);
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
        return TextCodec.encode(yaml(new Resolver()).dump(body));
    }

    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        yaml(new Resolver()).dump(body, writer);
        writer.flush();
    }

    @Override
    public @Nullable Object deserialize(byte[] body) {
        String text = TextCodec.decode(body, StandardCharsets.UTF_8);
        try {
            return yaml(new PythonsResolver()).load(text);
        } catch (RuntimeException e) {
            throw new DecodeException("body is not yaml: " + e.getMessage(), e);
        }
    }

    private static final class Writing extends Representer {
        Writing(DumperOptions style) {
            super(style);
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
            representers.put(Double.class, value -> representScalar(Tag.FLOAT, number((Double) value)));
            representers.put(Float.class, value -> representScalar(Tag.FLOAT, number((Float) value)));
        }

        /** Without a sign before the exponent PyYAML takes it for text. */
        private static String number(double value) {
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
            throw new SerializationException("body: " + type.getName() + " (expected: what yaml has a form for)", null);
        }
    }

    /** Takes {@code 1e5} for text, as PyYAML does, which writes it so where it is text. */
    private static final class PythonsResolver extends Resolver {
        private static final Pattern FLOAT = Pattern.compile("[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?"
                + "|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*"
                + "|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)");

        @Override
        public void addImplicitResolver(Tag tag, Pattern regexp, String first, int limit) {
            super.addImplicitResolver(tag, tag.equals(Tag.FLOAT) ? FLOAT : regexp, first, limit);
        }
    }

    private static final class Reading extends SafeConstructor {
        private static final Pattern TIMESTAMP = Pattern.compile("(\\d{4})-(\\d\\d?)-(\\d\\d?)(?:(?:[Tt]|[ \\t]+)"
                + "(\\d\\d?):(\\d\\d):(\\d\\d)(?:\\.(\\d*))?[ \\t]*(Z|[-+]\\d\\d?(?::?\\d\\d)?)?)?");

        Reading(LoaderOptions options) {
            super(options);
            yamlConstructors.put(Tag.TIMESTAMP, new AbstractConstruct() {
                @Override
                public Object construct(Node node) {
                    return timestamp(((ScalarNode) node).getValue());
                }
            });
        }

        private static Object timestamp(String text) {
            Matcher m = TIMESTAMP.matcher(text);
            if (!m.matches()) {
                throw new DecodeException("timestamp: " + text + " (expected: a date or a date and time)", null);
            }
            LocalDate date = LocalDate.of(number(m, 1), number(m, 2), number(m, 3));
            if (m.group(4) == null) {
                return date;
            }
            String fraction = m.group(7) == null ? "" : m.group(7);
            int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
            LocalDateTime dateTime = date.atTime(number(m, 4), number(m, 5), number(m, 6), nanos);
            return m.group(8) == null ? dateTime : dateTime.atOffset(ZoneOffset.of(m.group(8)));
        }

        private static int number(Matcher matcher, int group) {
            return Integer.parseInt(matcher.group(group));
        }
    }
}
