package dev.holdfast.internal.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.UntypedObjectDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.holdfast.internal.text.NumberLimits;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Makes Jackson 2 write and read {@link KombuTypes}. */
final class Jackson2Module {
    private Jackson2Module() {}

    @SuppressWarnings("unchecked")
    static SimpleModule create(KombuTypes types) {
        SimpleModule module = new SimpleModule("holdfast");
        for (KombuTypes.Codec codec : types.codecs()) {
            Class<Object> type = (Class<Object>) codec.type();
            if (codec.isJavaTime()) {
                module.addKeyDeserializer(type, new CodecKeyDeserializer(codec));
            }
            if (codec.written()) {
                module.addSerializer(type, new CodecSerializer(codec));
            }
            module.addDeserializer(type, new CodecDeserializer(codec));
        }
        return module.addDeserializer(Object.class, new UntypedDeserializer(types));
    }

    private static final class CodecSerializer extends StdSerializer<Object> {
        private static final long serialVersionUID = 1L;
        private final transient KombuTypes.Codec codec;

        CodecSerializer(KombuTypes.Codec codec) {
            super(Object.class);
            this.codec = codec;
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializerProvider provider) throws IOException {
            Object json = codec.toJson(value);
            if (json instanceof KombuTypes.Envelope envelope) {
                out.writeStartObject();
                out.writeStringField(KombuTypes.TYPE, envelope.type);
                provider.defaultSerializeField(KombuTypes.VALUE, envelope.value, out);
                out.writeEndObject();
            } else {
                provider.defaultSerializeValue(json, out);
            }
        }
    }

    /** Reads an instance of a declared class, such as that of a record's component, with or without an envelope. */
    private static final class CodecDeserializer extends StdDeserializer<Object> {
        private static final long serialVersionUID = 1L;
        private final transient KombuTypes.Codec codec;

        CodecDeserializer(KombuTypes.Codec codec) {
            super(codec.type());
            this.codec = codec;
        }

        @Override
        public Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
            Object value = in.currentToken().isNumeric() && codec.type() == BigDecimal.class
                    ? NumberLimits.check(in.getDecimalValue())
                    : context.readValue(in, Object.class);
            Object decoded = codec.fromJson(value);
            return codec.type().isInstance(decoded)
                    ? decoded
                    : context.reportInputMismatch(codec.type(), "cannot be created from %s", value);
        }
    }

    private static final class CodecKeyDeserializer extends KeyDeserializer {
        private final KombuTypes.Codec codec;

        CodecKeyDeserializer(KombuTypes.Codec codec) {
            this.codec = codec;
        }

        @Override
        public Object deserializeKey(String key, DeserializationContext context) {
            return codec.decode().apply(key);
        }
    }

    /** Reads a value of no declared class. */
    private static final class UntypedDeserializer extends UntypedObjectDeserializer {
        private static final long serialVersionUID = 1L;
        private final transient KombuTypes types;

        UntypedDeserializer(KombuTypes types) {
            super((JavaType) null, null);
            this.types = types;
        }

        /** Reads decimals only if the mapper is configured so. */
        @Override
        public @Nullable Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
            Object value = super.deserialize(in, context);
            return value instanceof BigDecimal decimal ? NumberLimits.check(decimal) : value;
        }

        @Override
        protected @Nullable Object mapObject(JsonParser in, DeserializationContext context) throws IOException {
            return types.decodeEnvelope(super.mapObject(in, context));
        }
    }
}
