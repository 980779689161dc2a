package dev.holdfast.internal.json;

import com.fasterxml.jackson.core.Base64Variant;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Generator of Jackson 2 within {@link WriteLimits}. Nested values are written through it, too. */
final class Jackson2Generator extends JsonGeneratorDelegate {
    private final WriteLimits limits;

    Jackson2Generator(JsonGenerator target, WriteLimits limits) {
        super(target, false);
        this.limits = limits;
    }

    @Override
    public void writeFieldName(String name) throws IOException {
        limits.checkName(name);
        super.writeFieldName(name);
    }

    @Override
    public void writeString(@Nullable String text) throws IOException {
        if (text != null) {
            limits.checkText(text);
        }
        super.writeString(text);
    }

    @Override
    public void writeString(char[] text, int offset, int length) throws IOException {
        writeString(new String(text, offset, length));
    }

    @Override
    public void writeString(Reader reader, int length) throws IOException {
        writeString(WriteLimits.read(reader, length));
    }

    @Override
    public void writeBinary(Base64Variant variant, byte[] data, int offset, int length) throws IOException {
        limits.checkBinary(length);
        super.writeBinary(variant, data, offset, length);
    }

    @Override
    public void writeNumber(@Nullable BigInteger value) throws IOException {
        if (value != null) {
            limits.checkInteger(value);
        }
        super.writeNumber(value);
    }

    @Override
    public void writeNumber(@Nullable BigDecimal value) throws IOException {
        if (value != null) {
            limits.checkDecimal(value, isEnabled(Feature.WRITE_BIGDECIMAL_AS_PLAIN));
        }
        super.writeNumber(value);
    }

    @Override
    public void writeNumber(String number) throws IOException {
        limits.checkNumber(number);
        super.writeNumber(number);
    }
}
