package dev.holdfast.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.UTF8JsonGenerator;
import com.fasterxml.jackson.databind.MappingJsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.internal.concurrent.StripedPool;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON values with a mapper of Jackson 2, and refuses those that the mapper could not read ({@link
 * WriteLimits}). It pools generators rather than creating one for each value. Each value is written as by a new
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
final class Jackson2Writer {
    private final ObjectMapper mapper;
    private final WriteLimits limits;
    private final boolean poolsGenerators;
    private final StripedPool<PooledGenerator> pool = new StripedPool<>();

    /** @param mapper must not be changed afterwards */
    Jackson2Writer(ObjectMapper mapper) {
        this.mapper = mapper;
        StreamReadConstraints read = mapper.getFactory().streamReadConstraints();
        this.limits = new WriteLimits(read.getMaxNameLength(), read.getMaxStringLength(), read.getMaxNumberLength());
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
            try (JsonGenerator generator = new Jackson2Generator(mapper.createGenerator(out), limits)) {
                mapper.writeValue(generator, value);
            }
            return;
        }
        PooledGenerator pooled = pool.acquire();
        PooledGenerator generator = pooled == null ? new PooledGenerator(mapper, limits) : pooled;
        generator.write(mapper, value, out);
        if (generator.isReusable()) { // not reached after an exception
            pool.release(generator);
        }
    }

    private static final class PooledGenerator {
        private final ForwardingStream stream = new ForwardingStream();
        private final UTF8JsonGenerator generator;
        private final JsonGenerator limited;
        private final int initialFeatures;
        private final int initialHighestNonEscapedChar;
        private final @Nullable CharacterEscapes initialEscapes;

        PooledGenerator(ObjectMapper mapper, WriteLimits limits) throws IOException {
            generator = (UTF8JsonGenerator) mapper.createGenerator(stream);
            generator.setRootValueSeparator(null);
            limited = new Jackson2Generator(generator, limits);
            initialFeatures = generator.getFeatureMask();
            initialHighestNonEscapedChar = generator.getHighestEscapedChar();
            initialEscapes = generator.getCharacterEscapes();
        }

        void write(ObjectMapper mapper, Object value, OutputStream out) throws IOException {
            stream.target = out;
            try {
                mapper.writeValue(limited, value);
                if (generator.getOutputContext().inRoot()) {
                    generator.flush();
                } else {
                    generator.close(); // closes arrays and objects that a serializer left open
                }
            } finally {
                stream.target = null;
            }
        }

        boolean isReusable() {
            return !generator.isClosed()
                    && generator.getFeatureMask() == initialFeatures
                    && generator.getHighestEscapedChar() == initialHighestNonEscapedChar
                    && generator.getCharacterEscapes() == initialEscapes
                    && generator.getPrettyPrinter() == null;
        }
    }
}
