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
 * Writes values by a mapper, each as with a generator of its own. To make one is a sixth of what a small map costs, so they are
 * used again where nothing around them remembers what came before: Jackson's own factory, undecorated, without a pretty printer.
 * One that a serializer has changed, closed or left open is not. Only the space is missing that Jackson has between two values in a
 * row, which are no JSON. Thread-safe.
 */
final class JsonWriter {
    private final ObjectMapper mapper;
    private final boolean reuses;
    private final Slots<Reused> spares = new Slots<>();

    /** @param mapper is not changed from here on */
    JsonWriter(ObjectMapper mapper) {
        this.mapper = mapper;
        this.reuses = keepsNothing(mapper);
    }

    private static boolean keepsNothing(ObjectMapper mapper) {
        JsonFactory factory = mapper.getFactory();
        boolean known = factory.getClass() == JsonFactory.class || factory.getClass() == MappingJsonFactory.class;
        if (!known || factory.getOutputDecorator() != null) {
            return false;
        }
        try (JsonGenerator made = mapper.createGenerator(OutputStream.nullOutputStream())) {
            return made.getClass() == UTF8JsonGenerator.class && made.getPrettyPrinter() == null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(Object value, OutputStream out) throws IOException {
        if (!reuses) {
            mapper.writeValue(out, value);
            return;
        }
        Reused spare = spares.take();
        Reused used = spare == null ? new Reused(mapper) : spare;
        used.write(mapper, value, out);
        if (used.isAsNew()) { // and has not failed
            spares.put(used);
        }
    }

    /** A generator, and the stream that it writes to, which passes everything on. */
    private static final class Reused extends OutputStream {
        private final UTF8JsonGenerator generator;
        private final int features;
        private final int highestPlain;
        private final @Nullable CharacterEscapes escapes;
        private @Nullable OutputStream target;

        Reused(ObjectMapper mapper) throws IOException {
            generator = (UTF8JsonGenerator) mapper.createGenerator(this);
            generator.setRootValueSeparator(null);
            features = generator.getFeatureMask();
            highestPlain = generator.getHighestEscapedChar();
            escapes = generator.getCharacterEscapes();
        }

        void write(ObjectMapper mapper, Object value, OutputStream out) throws IOException {
            target = out;
            try {
                mapper.writeValue(generator, value);
                if (generator.getOutputContext().inRoot()) {
                    generator.flush();
                } else {
                    generator.close(); // which closes what a serializer left open
                }
            } finally {
                target = null;
            }
        }

        boolean isAsNew() {
            return !generator.isClosed()
                    && generator.getFeatureMask() == features
                    && generator.getHighestEscapedChar() == highestPlain
                    && generator.getCharacterEscapes() == escapes
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
