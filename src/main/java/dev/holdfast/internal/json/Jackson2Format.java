package dev.holdfast.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import dev.holdfast.DecodeException;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** JSON by Jackson 2. */
public final class Jackson2Format extends JsonFormat {
    /** The mapper without the codecs; never changed. */
    private final ObjectMapper base;

    private final ObjectMapper mapper;
    private final Jackson2Writer writer;

    private Jackson2Format(ObjectMapper base, @Nullable KombuTypes types) {
        super(types);
        this.base = base;
        this.mapper = base.copy();
        if (types != null) {
            mapper.registerModule(Jackson2Module.create(types));
        }
        // A flush or close before the end would split or end the output of a compressor.
        mapper.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false)
                .configure(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM, false);
        this.writer = new Jackson2Writer(mapper);
    }

    /** Returns plain JSON, or JSON with Kombu's envelopes. */
    public static JsonFormat standard(boolean plain) {
        return new Jackson2Format(mapper(plain), KombuTypes.standard(plain));
    }

    /**
     * Returns JSON by a mapper of the application.
     *
     * @param plain whether a copy of the mapper is used alone, without any type of {@link KombuTypes}
     */
    public static JsonFormat of(ObjectMapper mapper, boolean plain) {
        return new Jackson2Format(mapper.copy(), plain ? null : KombuTypes.standard(false));
    }

    private static ObjectMapper mapper(boolean plain) {
        ObjectMapper mapper = new ObjectMapper(JsonFactory.builder()
                        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                        .configure(JsonWriteFeature.WRITE_NAN_AS_STRINGS, plain)
                        // Faster than Double.toString of Java 17.
                        .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxStringLength(Integer.MAX_VALUE)
                                .build())
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
        mapper.getSerializerProvider().setNullKeySerializer(new JsonSerializer<@Nullable Object>() {
            @Override
            public void serialize(@Nullable Object key, JsonGenerator out, SerializerProvider provider)
                    throws IOException {
                out.writeFieldName("null");
            }
        });
        return mapper;
    }

    @Override
    JsonFormat with(KombuTypes changed) {
        return new Jackson2Format(base, changed);
    }

    @Override
    public void write(Object body, OutputStream out) throws IOException {
        try {
            writer.write(body, out);
        } catch (JsonProcessingException e) {
            String place = e instanceof JsonMappingException mapping ? mapping.getPathReference() : "";
            throw cannotWrite(body, e.getOriginalMessage(), place, e);
        }
    }

    @Override
    public <T> @Nullable T read(byte[] body, Class<T> type) {
        try {
            return mapper.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw cannotRead(e.getOriginalMessage(), e);
        } catch (DecodeException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw cannotRead(e.getMessage(), e);
        }
    }
}
