package dev.holdfast.serialization;

import com.fasterxml.jackson.core.Base64Variant;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Refuses to write what a reader with these limits refuses to read: numbers with too many digits, too long names and
 * texts, and text with half a surrogate pair. Nested values are written through this generator, too.
 */
final class ReadableGenerator extends JsonGeneratorDelegate {
    /** Bits of 1,000 digits are 3,322: fewer than 3 a digit always fit, more than 4 never do. */
    private static final int MIN_BITS_PER_DIGIT = 3;

    private static final int MAX_BITS_PER_DIGIT = 4;
    private static final int MAX_UTF8_BYTES_PER_CHAR = 3;

    private final StreamReadConstraints limits;

    ReadableGenerator(JsonGenerator target, StreamReadConstraints limits) {
        super(target, false);
        this.limits = limits;
    }

    /** The limit of a name is in bytes of UTF-8. */
    @Override
    public void writeFieldName(String name) throws IOException {
        String unused = TextCodec.requireUnicode(name);
        int max = limits.getMaxNameLength();
        if (name.length() > max / MAX_UTF8_BYTES_PER_CHAR && TextCodec.encode(name).length > max) {
            throw refused("name of " + name.length() + " characters", max + " bytes of UTF-8");
        }
        super.writeFieldName(name);
    }

    @Override
    public void writeString(@Nullable String text) throws IOException {
        if (text != null) {
            requireLength(TextCodec.requireUnicode(text).length());
        }
        super.writeString(text);
    }

    @Override
    public void writeString(char[] text, int offset, int length) throws IOException {
        writeString(new String(text, offset, length));
    }

    @Override
    public void writeString(Reader reader, int length) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = 0; (length < 0 || text.length() < length) && (c = reader.read()) >= 0; ) {
            text.append((char) c);
        }
        writeString(text.toString());
    }

    @Override
    public void writeBinary(Base64Variant variant, byte[] data, int offset, int length) throws IOException {
        requireLength(length / 3L * 4);
        super.writeBinary(variant, data, offset, length);
    }

    @Override
    public void writeNumber(@Nullable BigInteger value) throws IOException {
        int max = limits.getMaxNumberLength();
        if (value != null && value.bitLength() > (long) max * MIN_BITS_PER_DIGIT) {
            boolean fits = value.bitLength() < (long) max * MAX_BITS_PER_DIGIT && digits(value.toString()) <= max;
            if (!fits) {
                throw refused("integer of " + value.bitLength() + " bits", max + " digits");
            }
        }
        super.writeNumber(value);
    }

    @Override
    public void writeNumber(@Nullable BigDecimal value) throws IOException {
        if (value != null) {
            NumberLimits.requireReadable(value);
            boolean plain = isEnabled(Feature.WRITE_BIGDECIMAL_AS_PLAIN);
            if (plain || value.precision() > limits.getMaxNumberLength() / 2) {
                requireDigits(plain ? value.toPlainString() : value.toString());
            }
        }
        super.writeNumber(value);
    }

    @Override
    public void writeNumber(String number) throws IOException {
        requireDigits(number);
        super.writeNumber(number);
    }

    private void requireDigits(String number) {
        int digits = digits(number);
        if (digits > limits.getMaxNumberLength()) {
            throw refused("number of " + digits + " digits", limits.getMaxNumberLength() + " digits");
        }
    }

    private static int digits(String number) {
        return (int) number.chars().filter(c -> c >= '0' && c <= '9').count();
    }

    private void requireLength(long length) {
        if (length > limits.getMaxStringLength()) {
            throw refused("text of " + length + " characters", limits.getMaxStringLength() + " characters");
        }
    }

    private static SerializationException refused(String value, String limit) {
        return new SerializationException(value + " (expected: at most " + limit + ")", null);
    }
}
