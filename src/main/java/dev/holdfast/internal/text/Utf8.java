package dev.holdfast.internal.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Strict UTF-8. Half a surrogate pair has no form in UTF-8: encoders of the JDK and of Netty replace it by a question
 * mark, so that different names become equal. Every text that is sent is checked here first, and refused. Stateless.
 */
public final class Utf8 {
    private Utf8() {}

    /** Returns why UTF-8 cannot encode the text, such as "half a surrogate pair at 3"; null if it can. */
    public static @Nullable String problem(CharSequence text) {
        int index = unpairedSurrogate(text);
        return index < 0 ? null : "half a surrogate pair at " + index;
    }

    private static int unpairedSurrogate(CharSequence text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (i + 1 == length || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    /** Decodes UTF-8; returns null if the bytes are not UTF-8. */
    public static @Nullable String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
