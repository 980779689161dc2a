package dev.holdfast.serialization;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.UTF8JsonGenerator;
import com.fasterxml.jackson.databind.MappingJsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON values with an ObjectMapper, and refuses those that the mapper could not read ({@link
 * ReadableGenerator}). It pools generators rather than creating one for each value. Each value is written as by a new
 * generator:
 *
 * <ul>
 *   <li>Only generators of Jackson's own factory are pooled, without a decorator or a pretty printer: others may keep
 *       state between values.
 *   <li>A generator is dropped if its value failed, or if a serializer closed it, left an array or an object open, or
 *       changed its settings.
 *   <li>The space that Jackson writes between consecutive values of a generator is disabled.
 * </ul>
 *
 * Thread-safe.
 */
final class JsonWriter {
    private final ObjectMapper mapper;
    private final boolean poolsGenerators;
    private final StripedPool<PooledGenerator> pool = new StripedPool<>();

    /** @param mapper must not be changed afterwards */
    JsonWriter(ObjectMapper mapper) {
        this.mapper = mapper;
        this.poolsGenerators = hasStatelessGenerators(mapper);
    }

    private static boolean hasStatelessGenerators(ObjectMapper mapper) {
        JsonFactory factory = mapper.getFactory();
        boolean ofJackson = factory.getClass() == JsonFactory.class || factory.getClass() == MappingJsonFactory.class;
        if (!ofJackson || factory.getOutputDecorator() != null) {
            return false;
        }
        try (JsonGenerator generator = mapper.createGenerator(OutputStream.nullOutputStream())) {
            return generator.getClass() == UTF8JsonGenerator.class && generator.getPrettyPrinter() == null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(Object value, OutputStream out) throws IOException {
        if (!poolsGenerators) {
            try (JsonGenerator generator = readable(mapper, mapper.createGenerator(out))) {
                mapper.writeValue(generator, value);
            }
            return;
        }
        PooledGenerator pooled = pool.acquire();
        PooledGenerator generator = pooled == null ? new PooledGenerator(mapper) : pooled;
        generator.write(mapper, value, out);
        if (generator.isReusable()) { // not reached after an exception
            pool.release(generator);
        }
    }

    private static JsonGenerator readable(ObjectMapper mapper, JsonGenerator generator) {
        return new ReadableGenerator(generator, mapper.getFactory().streamReadConstraints());
    }

    /** A generator, and its output stream, which forwards to the stream of the current value. */
    private static final class PooledGenerator extends OutputStream {
        private final UTF8JsonGenerator generator;
        private final JsonGenerator readable;
        private final int initialFeatures;
        private final int initialHighestNonEscapedChar;
        private final @Nullable CharacterEscapes initialEscapes;
        private @Nullable OutputStream target;

        PooledGenerator(ObjectMapper mapper) throws IOException {
            generator = (UTF8JsonGenerator) mapper.createGenerator(this);
            generator.setRootValueSeparator(null);
            readable = readable(mapper, generator);
            initialFeatures = generator.getFeatureMask();
            initialHighestNonEscapedChar = generator.getHighestEscapedChar();
            initialEscapes = generator.getCharacterEscapes();
        }

        void write(ObjectMapper mapper, Object value, OutputStream out) throws IOException {
            target = out;
            try {
                mapper.writeValue(readable, value);
                if (generator.getOutputContext().inRoot()) {
                    generator.flush();
                } else {
                    generator.close(); // closes arrays and objects that a serializer left open
                }
            } finally {
                target = null;
            }
        }

        boolean isReusable() {
            return !generator.isClosed()
                    && generator.getFeatureMask() == initialFeatures
                    && generator.getHighestEscapedChar() == initialHighestNonEscapedChar
                    && generator.getCharacterEscapes() == initialEscapes
                    && generator.getPrettyPrinter() == null;
        }

        @Override
        public void write(int octet) throws IOException {
            if (target != null) {
                target.write(octet);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            if (target != null) {
                target.write(bytes, offset, count);
            }
        }
    }
}
