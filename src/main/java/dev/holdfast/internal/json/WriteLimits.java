package dev.holdfast.internal.json;

import dev.holdfast.SerializationException;
import dev.holdfast.internal.text.NumberLimits;
import dev.holdfast.internal.text.TextCodec;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Refuses to write what a reader with these limits refuses to read: numbers with too many digits, too long names and
 * texts, and text with half a surrogate pair.
 *
 * @param maxNameLength in bytes of UTF-8
 * @param maxTextLength in characters
 * @param maxDigits of a number
 */
record WriteLimits(int maxNameLength, int maxTextLength, int maxDigits) {
    /** Bits of 1,000 digits are 3,322: fewer than 3 a digit always fit, more than 4 never do. */
    private static final int MIN_BITS_PER_DIGIT = 3;

    private static final int MAX_BITS_PER_DIGIT = 4;
    private static final int MAX_UTF8_BYTES_PER_CHAR = 3;

    void checkName(String name) {
        String unused = TextCodec.requireUnicode(name);
        if (name.length() > maxNameLength / MAX_UTF8_BYTES_PER_CHAR && TextCodec.encode(name).length > maxNameLength) {
            throw refused("name of " + name.length() + " characters", maxNameLength + " bytes of UTF-8");
        }
    }

    void checkText(String text) {
        checkTextLength(TextCodec.requireUnicode(text).length());
    }

    private void checkTextLength(long length) {
        if (length > maxTextLength) {
            throw refused("text of " + length + " characters", maxTextLength + " characters");
        }
    }

    /** Checks the base64 text of binary data. */
    void checkBinary(int length) {
        checkTextLength(length / 3L * 4);
    }

    void checkInteger(BigInteger value) {
        if (value.bitLength() > (long) maxDigits * MIN_BITS_PER_DIGIT) {
            boolean fits =
                    value.bitLength() < (long) maxDigits * MAX_BITS_PER_DIGIT && digits(value.toString()) <= maxDigits;
            if (!fits) {
                throw refused("integer of " + value.bitLength() + " bits", maxDigits + " digits");
            }
        }
    }

    /** @param withoutExponent whether it is written without an exponent */
    void checkDecimal(BigDecimal value, boolean withoutExponent) {
        BigDecimal unused = NumberLimits.requireReadable(value);
        if (withoutExponent || value.precision() > maxDigits / 2) {
            checkNumber(withoutExponent ? value.toPlainString() : value.toString());
        }
    }

    void checkNumber(String number) {
        int digits = digits(number);
        if (digits > maxDigits) {
            throw refused("number of " + digits + " digits", maxDigits + " digits");
        }
    }

    /** Reads a text to be checked; all of it if the length is negative. */
    static String read(Reader reader, int length) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = 0; (length < 0 || text.length() < length) && (c = reader.read()) >= 0; ) {
            text.append((char) c);
        }
        return text.toString();
    }

    private static int digits(String number) {
        return (int) number.chars().filter(c -> c >= '0' && c <= '9').count();
    }

    private static SerializationException refused(String value, String limit) {
        return new SerializationException(value + " (expected: at most " + limit + ")", null);
    }
}
