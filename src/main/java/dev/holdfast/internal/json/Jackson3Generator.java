package dev.holdfast.internal.json;

import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variant;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TreeNode;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.util.JsonGeneratorDelegate;
import tools.jackson.databind.json.JsonMapper;

/** Generator of Jackson 3 within {@link WriteLimits}. Nested values are written through it, too. */
final class Jackson3Generator extends JsonGeneratorDelegate {
    private final JsonMapper mapper;
    private final WriteLimits limits;

    Jackson3Generator(JsonMapper mapper, JsonGenerator target, WriteLimits limits) {
        super(target, false);
        this.mapper = mapper;
        this.limits = limits;
    }

    @Override
    public JsonGenerator writeName(String name) {
        limits.checkName(name);
        return super.writeName(name);
    }

    @Override
    public JsonGenerator writeString(@Nullable String text) {
        if (text != null) {
            limits.checkText(text);
        }
        return super.writeString(text);
    }

    @Override
    public JsonGenerator writeString(char[] text, int offset, int length) {
        return writeString(new String(text, offset, length));
    }

    @Override
    public JsonGenerator writeString(Reader reader, int length) {
        try {
            return writeString(WriteLimits.read(reader, length));
        } catch (IOException e) {
            throw JacksonIOException.construct(e, this);
        }
    }

    @Override
    public JsonGenerator writeBinary(Base64Variant variant, byte[] data, int offset, int length) {
        limits.checkBinary(length);
        return super.writeBinary(variant, data, offset, length);
    }

    @Override
    public JsonGenerator writeNumber(@Nullable BigInteger value) {
        if (value != null) {
            limits.checkInteger(value);
        }
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeNumber(@Nullable BigDecimal value) {
        if (value != null) {
            limits.checkDecimal(value, isEnabled(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN));
        }
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeNumber(String number) {
        limits.checkNumber(number);
        return super.writeNumber(number);
    }

    @Override
    public JsonGenerator writeNumber(char[] number, int offset, int length) {
        return writeNumber(new String(number, offset, length));
    }

    /** The context of a pooled generator outlives the value: it would remember object ids of earlier messages. */
    @Override
    public JsonGenerator writePOJO(@Nullable Object value) {
        mapper.writeValue(this, value);
        return this;
    }

    @Override
    public JsonGenerator writeTree(@Nullable TreeNode tree) {
        return writePOJO(tree);
    }
}
