package dev.holdfast.cli.common;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** Checks whether bytes are valid UTF-8. */
public final class Utf8 {
    private Utf8() {}

    public static boolean isValid(byte[] bytes) {
        int asciiLength = 0;
        while (asciiLength < bytes.length && bytes[asciiLength] >= 0) {
            asciiLength++;
        }
        if (asciiLength == bytes.length) {
            return true;
        }
        try {
            // A new decoder reports malformed input instead of replacing it.
            var unused = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, asciiLength, bytes.length - asciiLength));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
