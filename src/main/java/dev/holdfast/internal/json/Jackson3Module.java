package dev.holdfast.internal.json;

import dev.holdfast.internal.text.NumberLimits;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.jdk.UntypedObjectDeserializer;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** Makes Jackson 3 write and read {@link KombuTypes}. */
final class Jackson3Module {
    private Jackson3Module() {}

    @SuppressWarnings("unchecked")
    static SimpleModule create(KombuTypes types) {
        SimpleModule module = new SimpleModule("holdfast");
        for (KombuTypes.Codec codec : types.codecs()) {
            Class<Object> type = (Class<Object>) codec.type();
            if (codec.isJavaTime()) {
                module.addKeySerializer(type, new TextKeySerializer());
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
        private final KombuTypes.Codec codec;

        CodecSerializer(KombuTypes.Codec codec) {
            super(Object.class);
            this.codec = codec;
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializationContext context) {
            Object json = codec.toJson(value);
            if (json instanceof KombuTypes.Envelope envelope) {
                JsonGenerator unused = out.writeStartObject().writeStringProperty(KombuTypes.TYPE, envelope.type);
                context.defaultSerializeProperty(KombuTypes.VALUE, envelope.value, out);
                unused = out.writeEndObject();
            } else {
                context.writeValue(out, json);
            }
        }
    }

    /** Reads an instance of a declared class, such as that of a record's component, with or without an envelope. */
    private static final class CodecDeserializer extends StdDeserializer<Object> {
        private final KombuTypes.Codec codec;

        CodecDeserializer(KombuTypes.Codec codec) {
            super(codec.type());
            this.codec = codec;
        }

        @Override
        public Object deserialize(JsonParser in, DeserializationContext context) {
            Object value = in.currentToken().isNumeric() && codec.type() == BigDecimal.class
                    ? NumberLimits.check(in.getDecimalValue())
                    : context.readValue(in, Object.class);
            Object decoded = codec.fromJson(value);
            return codec.type().isInstance(decoded)
                    ? decoded
                    : context.reportInputMismatch(codec.type(), "cannot be created from %s", value);
        }
    }

    /** Writes a key as text, null as {@code "null"}. Jackson 2 writes keys of java.time so, too. */
    static final class TextKeySerializer extends StdSerializer<Object> {
        TextKeySerializer() {
            super(Object.class);
        }

        @Override
        public void serialize(@Nullable Object key, JsonGenerator out, SerializationContext context) {
            JsonGenerator unused = out.writeName(String.valueOf(key));
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
        private final KombuTypes types;

        UntypedDeserializer(KombuTypes types) {
            super((JavaType) null, null);
            this.types = types;
        }

        /** Reads decimals only if the mapper is configured so. */
        @Override
        public @Nullable Object deserialize(JsonParser in, DeserializationContext context) {
            Object value = super.deserialize(in, context);
            return value instanceof BigDecimal decimal ? NumberLimits.check(decimal) : value;
        }

        @Override
        protected @Nullable Object mapObject(JsonParser in, DeserializationContext context) {
            return types.decodeEnvelope(super.mapObject(in, context));
        }
    }
}
