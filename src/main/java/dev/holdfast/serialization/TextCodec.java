package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Encodes and decodes text strictly: unmappable or malformed input is refused, not replaced by a question mark. */
final class TextCodec {
    private TextCodec() {}

    static byte[] encode(String text) {
        return encode(text, StandardCharsets.UTF_8);
    }

    static byte[] encode(String text, Charset charset) {
        if (charset.equals(StandardCharsets.UTF_8) && !hasSurrogate(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            ByteBuffer bytes = charset.newEncoder().encode(CharBuffer.wrap(text));
            byte[] array = new byte[bytes.remaining()];
            bytes.get(array);
            return array;
        } catch (CharacterCodingException | UnsupportedOperationException e) {
            throw new SerializationException("text has characters that " + charset.name() + " cannot encode", e);
        }
    }

    static String decode(byte[] bytes, Charset charset) {
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new DecodeException("body is not " + charset.name(), e);
        }
    }

    /** Decodes UTF-8; returns null if the bytes are not UTF-8. */
    static @Nullable String decodeUtf8OrNull(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Returns the character set, also by a Python name ({@code latin-1}, {@code utf_8}); null if there is none. */
    static @Nullable Charset charset(String name) {
        if (name.equals("utf-8")) {
            return StandardCharsets.UTF_8;
        }
        try {
            return Charset.isSupported(name)
                    ? Charset.forName(name)
                    : Charset.forName(name.replace("-", "").replace("_", ""));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Only text with surrogates can be malformed; all other text takes the JDK's fast path. */
    private static boolean hasSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
