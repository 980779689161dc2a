package dev.holdfast.internal.json;

import dev.holdfast.DecodeException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Month;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AccessorNamingStrategy;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.DefaultAccessorNamingStrategy;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** JSON by Jackson 3, as Jackson 2 writes and reads it. */
public final class Jackson3Format extends JsonFormat {
    private static final int MAX_DEPTH = 1000;

    /** The mapper without the codecs. */
    private final JsonMapper base;

    private final JsonMapper mapper;
    private final Jackson3Writer writer;

    private Jackson3Format(JsonMapper base, @Nullable KombuTypes types) {
        super(types);
        this.base = base;
        // A flush or close before the end would split or end the output of a compressor.
        JsonMapper.Builder builder =
                base.rebuild().disable(StreamWriteFeature.AUTO_CLOSE_TARGET, StreamWriteFeature.FLUSH_PASSED_TO_STREAM);
        this.mapper = (types == null ? builder : builder.addModule(Jackson3Module.create(types))).build();
        this.writer = new Jackson3Writer(mapper);
    }

    /** Returns plain JSON, or JSON with Kombu's envelopes. */
    public static JsonFormat standard(boolean plain) {
        return new Jackson3Format(mapper(plain), KombuTypes.standard(plain));
    }

    /**
     * Returns JSON by a mapper of the application.
     *
     * @param plain whether the mapper is used alone, without any type of {@link KombuTypes}
     */
    public static JsonFormat of(JsonMapper mapper, boolean plain) {
        return new Jackson3Format(mapper, plain ? null : KombuTypes.standard(false));
    }

    private static JsonMapper mapper(boolean plain) {
        JsonFactory factory = JsonFactory.builderWithJackson2Defaults()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .configure(JsonWriteFeature.WRITE_NAN_AS_STRINGS, plain)
                // Faster than Double.toString of Java 17.
                .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(Integer.MAX_VALUE)
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .build();
        return JsonMapper.builder(factory)
                .configureForJackson2()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                .accessorNaming(new Jackson2NamingProvider())
                .addModule(asJackson2())
                .build();
    }

    /** What Jackson 3 writes in another form, for which it has no setting. */
    private static SimpleModule asJackson2() {
        return new SimpleModule("holdfast as Jackson 2")
                .addSerializer(Month.class, ToStringSerializer.instance)
                .addSerializer(Locale.class, ToStringSerializer.instance)
                .addKeySerializer(Locale.class, new Jackson3Module.TextKeySerializer())
                .setDefaultNullKeySerializer(new Jackson3Module.TextKeySerializer());
    }

    private static final class Jackson2NamingProvider extends DefaultAccessorNamingStrategy.Provider {
        private static final long serialVersionUID = 1L;

        @Override
        public AccessorNamingStrategy forPOJO(MapperConfig<?> config, AnnotatedClass type) {
            return new Jackson2Naming(config, type);
        }
    }

    /** Names of beans' properties: {@code url} for {@code getURL}, and {@code aNumber} for {@code getaNumber}. */
    private static final class Jackson2Naming extends DefaultAccessorNamingStrategy {
        Jackson2Naming(MapperConfig<?> config, AnnotatedClass type) {
            super(config, type, "set", "get", "is", null);
        }

        @Override
        protected @Nullable String stdManglePropertyName(String method, int prefix) {
            int end = prefix;
            while (end < method.length() && Character.isUpperCase(method.charAt(end))) {
                end++;
            }
            return prefix == method.length()
                    ? null
                    : method.substring(prefix, end).toLowerCase(Locale.ROOT) + method.substring(end);
        }
    }

    @Override
    JsonFormat with(KombuTypes changed) {
        return new Jackson3Format(base, changed);
    }

    @Override
    public void write(Object body, OutputStream out) throws IOException {
        try {
            writer.write(body, out);
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            throw cannotWrite(body, e.getOriginalMessage(), e.getPathReference(), e);
        }
    }

    @Override
    public <T> @Nullable T read(byte[] body, Class<T> type) {
        try {
            return mapper.readValue(body, type);
        } catch (JacksonException e) {
            throw cannotRead(e.getOriginalMessage(), e);
        } catch (DecodeException e) {
            throw e;
        } catch (RuntimeException e) {
            throw cannotRead(e.getMessage(), e);
        }
    }
}
