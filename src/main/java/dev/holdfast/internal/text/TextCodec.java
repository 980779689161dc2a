package dev.holdfast.internal.text;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Encodes and decodes text strictly: unmappable or malformed input is refused, not replaced by a question mark. */
public final class TextCodec {
    private TextCodec() {}

    public static byte[] encode(String text) {
        return encode(text, StandardCharsets.UTF_8);
    }

    public static byte[] encode(String text, Charset charset) {
        if (charset.equals(StandardCharsets.UTF_8)) {
            return requireUnicode(text).getBytes(StandardCharsets.UTF_8);
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

    public static String decode(byte[] bytes, Charset charset) {
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new DecodeException("body is not " + charset.name(), e);
        }
    }

    /** Refuses text that UTF-8 cannot encode. */
    public static String requireUnicode(String text) {
        String problem = Utf8.problem(text);
        if (problem != null) {
            throw new SerializationException("text: " + problem + " (expected: Unicode)", null);
        }
        return text;
    }

    /** Returns the character set, also by a Python name ({@code latin-1}, {@code utf_8}); null if there is none. */
    public static @Nullable Charset charset(String name) {
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
}
