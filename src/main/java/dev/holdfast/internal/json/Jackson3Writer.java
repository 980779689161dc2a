package dev.holdfast.internal.json;

import dev.holdfast.internal.concurrent.StripedPool;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.UTF8JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** Writes JSON values with a mapper of Jackson 3, by the rules of {@link Jackson2Writer}. Thread-safe. */
final class Jackson3Writer {
    private final JsonMapper mapper;
    private final WriteLimits limits;
    private final boolean poolsGenerators;
    private final StripedPool<PooledGenerator> pool = new StripedPool<>();

    Jackson3Writer(JsonMapper mapper) {
        this.mapper = mapper;
        StreamReadConstraints read = mapper.tokenStreamFactory().streamReadConstraints();
        this.limits = new WriteLimits(read.getMaxNameLength(), read.getMaxStringLength(), read.getMaxNumberLength());
        this.poolsGenerators = hasStatelessGenerators(mapper);
    }

    private static boolean hasStatelessGenerators(JsonMapper mapper) {
        JsonFactory factory = mapper.tokenStreamFactory();
        if (factory.getClass() != JsonFactory.class || factory.getOutputDecorator() != null) {
            return false;
        }
        try (JsonGenerator generator = mapper.createGenerator(OutputStream.nullOutputStream())) {
            return generator.getClass() == UTF8JsonGenerator.class && generator.getPrettyPrinter() == null;
        }
    }

    void write(Object value, OutputStream out) {
        if (!poolsGenerators) {
            try (JsonGenerator generator = new Jackson3Generator(mapper, mapper.createGenerator(out), limits)) {
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
        private final @Nullable CharacterEscapes initialEscapes;

        PooledGenerator(JsonMapper mapper, WriteLimits limits) {
            generator = (UTF8JsonGenerator)
                    mapper.writer().withRootValueSeparator((String) null).createGenerator(stream);
            limited = new Jackson3Generator(mapper, generator, limits);
            initialFeatures = generator.streamWriteFeatures();
            initialEscapes = generator.getCharacterEscapes();
        }

        void write(JsonMapper mapper, Object value, OutputStream out) {
            stream.target = out;
            try {
                mapper.writeValue(limited, value);
                if (generator.streamWriteContext().inRoot()) {
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
                    && generator.streamWriteFeatures() == initialFeatures
                    && generator.getCharacterEscapes() == initialEscapes;
        }
    }
}
