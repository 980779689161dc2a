package dev.holdfast.serialization;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.UTF8JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes values by a mapper, each as if with a generator of its own. To make one is a sixth of what a small map costs, so they
 * are used again where they are Jackson's own: another factory's, a decorated one or a pretty printer may remember what came
 * before. Thread-safe.
 */
final class JsonWriter {
    private final ObjectMapper mapper;
    private final boolean reuses;
    private final Slots<Reused> spares = new Slots<>();

    /** @param mapper is not changed from here on */
    JsonWriter(ObjectMapper mapper) {
        this.mapper = mapper;
        try (JsonGenerator made = mapper.createGenerator(OutputStream.nullOutputStream())) {
            this.reuses = made.getClass() == UTF8JsonGenerator.class && made.getPrettyPrinter() == null;
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
        // One that failed is not put back.
        if (used.write(mapper, value, out)) {
            spares.put(used);
        }
    }

    /** A generator, and the stream that it writes to, which passes everything on. */
    private static final class Reused extends OutputStream {
        private final UTF8JsonGenerator generator;
        private @Nullable OutputStream target;

        Reused(ObjectMapper mapper) throws IOException {
            generator = (UTF8JsonGenerator) mapper.createGenerator(this);
            generator.setRootValueSeparator(null);
        }

        /** False: a serializer left something open, which is closed as Jackson does; nothing more can be written. */
        boolean write(ObjectMapper mapper, Object value, OutputStream out) throws IOException {
            target = out;
            mapper.writeValue(generator, value);
            boolean complete = generator.getOutputContext().inRoot();
            if (complete) {
                generator.flush();
            } else {
                generator.close();
            }
            target = null;
            return complete;
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
