package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.DecodeException;
import dev.holdfast.internal.text.NumberLimits;
import java.io.Reader;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.Construct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;
import org.yaml.snakeyaml.scanner.Constant;

/** Reads YAML as PyYAML's {@code safe_load}, in time linear in its length, which the library's defaults are not. */
final class YamlReader {
    static final int MAX_DEPTH = 100;

    /** The library resolves longer text to no number. */
    static final int MAX_RESOLVED = 1024;

    private YamlReader() {}

    static @Nullable Object read(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);
        options.setNestingDepthLimit(MAX_DEPTH);
        DataConstructor constructor = new DataConstructor(options);
        constructor.setComposer(new ScalarKeyComposer(new ParserImpl(new TextReader(text), options), options));
        return constructor.getSingleData(Object.class);
    }

    /** Holds the whole text. The library's reader copies the current token for each KiB of it, which is quadratic. */
    private static final class TextReader extends StreamReader {
        private static final String NAME = "string";
        private final int[] text;
        private int pointer;
        private int line;
        private int column;

        /** The end of the document before, where this document starts. */
        private int documentStart;

        TextReader(String text) {
            super(Reader.nullReader());
            this.text = text.codePoints().toArray();
            for (int i = 0; i < this.text.length; i++) {
                if (!isPrintable(this.text[i])) {
                    throw new DecodeException(
                            "body is not yaml: character U+" + Integer.toHexString(this.text[i]) + " at " + i
                                    + " (expected: a printable character)",
                            null);
                }
            }
        }

        @Override
        public Mark getMark() {
            return new Mark(NAME, pointer, line, column, text, pointer);
        }

        @Override
        public void forward(int count) {
            for (int end = Math.min(text.length, pointer + count); pointer < end; ) {
                int c = text[pointer++];
                if (Constant.LINEBR.has(c) || (c == '\r' && pointer < text.length && text[pointer] != '\n')) {
                    line++;
                    column = 0;
                } else if (c != '\uFEFF') {
                    column++;
                }
            }
        }

        @Override
        public int peek() {
            return peek(0);
        }

        @Override
        public int peek(int offset) {
            return pointer + offset < text.length ? text[pointer + offset] : 0;
        }

        @Override
        public String prefix(int count) {
            return new String(text, pointer, Math.min(count, text.length - pointer));
        }

        /** For characters without a line break. */
        @Override
        public String prefixForward(int count) {
            String prefix = prefix(count);
            pointer += count;
            column += count;
            return prefix;
        }

        @Override
        public int getColumn() {
            return column;
        }

        @Override
        public int getLine() {
            return line;
        }

        @Override
        public int getIndex() {
            return pointer;
        }

        @Override
        public int getDocumentIndex() {
            return pointer - documentStart;
        }

        @Override
        public void resetDocumentIndex() {
            documentStart = pointer;
        }
    }

    /** Refuses collections as keys: with aliases, the hash of a short one takes arbitrarily long. */
    private static final class ScalarKeyComposer extends Composer {
        ScalarKeyComposer(ParserImpl parser, LoaderOptions options) {
            super(parser, new PyYamlResolver(), options);
        }

        @Override
        protected Node composeKeyNode(MappingNode node) {
            Node key = super.composeKeyNode(node);
            if (!(key instanceof ScalarNode)) {
                throw new DecodeException("key of a map: a collection (expected: a scalar)", null);
            }
            return key;
        }
    }

    /** Resolves {@code 1e5} to text, as PyYAML does, which writes such text unquoted. */
    private static final class PyYamlResolver extends Resolver {
        private static final Pattern FLOAT = Pattern.compile("[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?"
                + "|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*"
                + "|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)");

        private static final Pattern LONG_NUMBER =
                Pattern.compile("[-+]?(?:0x[0-9a-fA-F_]++|0b[01_]++|[0-9][0-9_]*+(?:\\.[0-9_]*+)?)");

        @Override
        public void addImplicitResolver(Tag tag, Pattern regexp, String first, int limit) {
            super.addImplicitResolver(tag, tag.equals(Tag.FLOAT) ? FLOAT : regexp, first, limit);
        }

        @Override
        public Tag resolve(NodeId kind, String value, boolean implicit) {
            if (implicit
                    && kind == NodeId.scalar
                    && value.length() > MAX_RESOLVED
                    && LONG_NUMBER.matcher(value).matches()) {
                throw NumberLimits.tooLong("number of " + value.length() + " characters");
            }
            return super.resolve(kind, value, implicit);
        }
    }

    /** Constructs java.time values from timestamps, and limits integers and keys. */
    private static final class DataConstructor extends SafeConstructor {
        private static final Pattern TIMESTAMP = Pattern.compile("(\\d{4})-(\\d\\d?)-(\\d\\d?)(?:(?:[Tt]|[ \\t]+)"
                + "(\\d\\d?):(\\d\\d):(\\d\\d)(?:\\.(\\d*))?[ \\t]*(Z|[-+]\\d\\d?(?::?\\d\\d)?)?)?");

        DataConstructor(LoaderOptions options) {
            super(options);
            yamlConstructors.put(Tag.TIMESTAMP, new AbstractConstruct() {
                @Override
                public Object construct(Node node) {
                    return parseTimestamp(((ScalarNode) node).getValue());
                }
            });
            Construct omap = requireNonNull(yamlConstructors.get(Tag.OMAP));
            yamlConstructors.put(Tag.OMAP, new AbstractConstruct() {
                @Override
                public Object construct(Node node) {
                    KeyCollisions collisions = new KeyCollisions();
                    for (Node pair : ((SequenceNode) node).getValue()) {
                        addKeys((MappingNode) pair, collisions);
                    }
                    return omap.construct(node);
                }
            });
            Construct integer = requireNonNull(yamlConstructors.get(Tag.INT));
            yamlConstructors.put(Tag.INT, new AbstractConstruct() {
                @Override
                public Object construct(Node node) {
                    String unused = NumberLimits.checkLength(((ScalarNode) node).getValue());
                    Object value = integer.construct(node);
                    return value instanceof BigInteger big ? NumberLimits.check(big) : value;
                }
            });
        }

        /** Replaces the keys of a mapping by those of the mappings that it merges, and its own. */
        @Override
        protected void flattenMapping(MappingNode node, boolean forceStringKeys) {
            KeyCollisions collisions = new KeyCollisions();
            if (!node.isMerged()) {
                addKeys(node, collisions);
                return;
            }
            // Cleared first: a mapping may merge itself.
            node.setMerged(false);
            Map<@Nullable Object, NodeTuple> merged = new LinkedHashMap<>();
            List<NodeTuple> own = new ArrayList<>();
            for (NodeTuple tuple : node.getValue()) {
                if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
                    Node value = tuple.getValueNode();
                    for (Node source : value instanceof SequenceNode list ? list.getValue() : List.of(value)) {
                        merge(source, merged, collisions);
                    }
                } else {
                    own.add(tuple);
                }
            }
            for (NodeTuple tuple : own) {
                Object key = constructObject(tuple.getKeyNode());
                collisions.add(key);
                merged.put(key, tuple);
            }
            node.setValue(new ArrayList<>(merged.values()));
        }

        private void merge(Node source, Map<@Nullable Object, NodeTuple> merged, KeyCollisions collisions) {
            if (!(source instanceof MappingNode mapping)) {
                throw new DecodeException("merge: " + source.getNodeId() + " (expected: a mapping)", null);
            }
            flattenMapping(mapping, false);
            for (NodeTuple tuple : mapping.getValue()) {
                Object key = constructObject(tuple.getKeyNode());
                collisions.add(key);
                merged.putIfAbsent(key, tuple);
            }
        }

        private void addKeys(MappingNode node, KeyCollisions collisions) {
            node.getValue().forEach(tuple -> collisions.add(constructObject(tuple.getKeyNode())));
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
