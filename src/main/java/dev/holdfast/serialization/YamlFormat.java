package dev.holdfast.serialization;

import static java.time.temporal.ChronoField.OFFSET_SECONDS;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import dev.holdfast.internal.text.IsoTime;
import dev.holdfast.internal.text.NumberLimits;
import dev.holdfast.internal.text.TextCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.introspector.Property;
import org.yaml.snakeyaml.nodes.AnchorNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Represent;
import org.yaml.snakeyaml.representer.Representer;

/**
 * Serializer {@code yaml}: YAML without tags that construct objects, as PyYAML's {@code safe_dump} and {@code
 * safe_load}. Dates and date-times are YAML timestamps. Types that YAML does not have (BigDecimal, UUID, times of day
 * and enums) are written as text. Collections as keys are refused. A document may have 50 aliases to collections; the
 * nesting depth is limited to 100, integers to 1000 digits; none of this is written that cannot be read. A collection
 * that occurs several times is written as often, without aliases. Thread-safe.
 */
final class YamlFormat implements Serializer {
    /** YAML's value key: PyYAML reads it as text only if it is quoted. */
    private static final String VALUE_KEY = "=";

    private static final String START_OF_NUMBER = "+-.0123456789";
    private static final int SECONDS_PER_MINUTE = 60;

    /** Height of a collection that is within itself. */
    private static final int IN_PROGRESS = YamlReader.MAX_DEPTH + 1;

    YamlFormat() {
        // Loads the library: if it is absent, the constructor fails, not a later call.
        Yaml unused = newYaml();
    }

    /** Creates a Yaml for one call, since it is not thread-safe. */
    private static Yaml newYaml() {
        DumperOptions options = new DumperOptions();
        options.setNonPrintableStyle(DumperOptions.NonPrintableStyle.ESCAPE);
        options.setDereferenceAliases(true);
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
        return BodyBuffer.toByteArray(this, body);
    }

    @Override
    public void serialize(Object body, OutputStream out) throws IOException {
        Yaml yaml = newYaml();
        Node node = yaml.represent(body);
        int unused = requireReadable(node, new IdentityHashMap<>());
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        yaml.serialize(node, writer);
        writer.flush();
    }

    /** Returns the height of a node, computed once; refuses what {@link YamlReader} refuses, and cycles. */
    private static int requireReadable(Node node, IdentityHashMap<Node, Integer> heights) {
        if (node instanceof ScalarNode) {
            return 0;
        }
        if (node instanceof AnchorNode repeated) {
            return requireReadable(repeated.getRealNode(), heights);
        }
        Integer known = heights.put(node, IN_PROGRESS);
        int height = known == null ? 1 : known;
        if (known == null) {
            for (Node child : children(node)) {
                height = Math.max(height, requireReadable(child, heights) + 1);
            }
        }
        if (height > YamlReader.MAX_DEPTH) {
            throw new SerializationException("body: cyclic, or nested deeper than " + YamlReader.MAX_DEPTH, null);
        }
        heights.put(node, height);
        return height;
    }

    private static List<Node> children(Node node) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        List<Node> children = new ArrayList<>();
        for (NodeTuple tuple : ((MappingNode) node).getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode)) { // also an anchor, which stands for a collection
                throw new SerializationException("key of a map: a collection (expected: a scalar)", null);
            }
            children.add(tuple.getValueNode());
        }
        return children;
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
            representers.put(
                    BigInteger.class,
                    value -> representScalar(
                            Tag.INT,
                            NumberLimits.requireReadable((BigInteger) value).toString()));
            Represent time = value -> representScalar(Tag.TIMESTAMP, formatTime((TemporalAccessor) value));
            for (Class<?> type : List.of(
                    OffsetDateTime.class, ZonedDateTime.class, Instant.class, LocalDateTime.class, LocalDate.class)) {
                representers.put(type, time);
            }
            representers.put(Double.class, value -> representScalar(Tag.FLOAT, formatFloat((Double) value)));
            representers.put(Float.class, value -> representScalar(Tag.FLOAT, formatFloat((Float) value)));
        }

        /** Every text passes here: keys, values, and the text of other types. */
        @Override
        protected Node representScalar(Tag tag, String value, DumperOptions.@Nullable ScalarStyle style) {
            boolean plain = style == null || style == DumperOptions.ScalarStyle.PLAIN;
            boolean quote = tag.equals(Tag.STR) && plain && needsQuotes(value);
            return super.representScalar(
                    tag, TextCodec.requireUnicode(value), quote ? DumperOptions.ScalarStyle.SINGLE_QUOTED : style);
        }

        /** The library does not take long text for a number; PyYAML does. */
        private static boolean needsQuotes(String text) {
            return text.equals(VALUE_KEY)
                    || (text.length() > YamlReader.MAX_RESOLVED && START_OF_NUMBER.indexOf(text.charAt(0)) >= 0);
        }

        private static String formatTime(TemporalAccessor time) {
            if (time.isSupported(OFFSET_SECONDS) && time.get(OFFSET_SECONDS) % SECONDS_PER_MINUTE != 0) {
                throw new SerializationException(time + " (expected: an offset in whole minutes)", null);
            }
            return IsoTime.format(time);
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
