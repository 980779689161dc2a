package dev.holdfast.internal.json;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** JSON by a mapper of one library, with or without Kombu's envelopes. Immutable and thread-safe. */
public abstract class JsonFormat {
    private final @Nullable KombuTypes types;

    /** @param types null to use a mapper of the application alone */
    JsonFormat(@Nullable KombuTypes types) {
        this.types = types;
    }

    /** Writes a value and leaves the stream open. The stream's own exception is not wrapped. */
    public abstract void write(Object body, OutputStream out) throws IOException;

    /** Reads a document; refuses malformed JSON and, unless the mapper accepts it, trailing content. */
    public abstract <T> @Nullable T read(byte[] body, Class<T> type);

    /** Returns a copy with these types in place of its own. */
    abstract JsonFormat with(KombuTypes changed);

    /** Returns a copy that also writes and reads this class; without an envelope if the marker is null. */
    public final JsonFormat with(
            Class<?> type, @Nullable String marker, Function<Object, ?> encode, Function<Object, ?> decode) {
        if (types == null || (types.isPlain() && marker != null)) {
            throw new IllegalStateException("with: this Json has no envelopes (expected: Json.kombu(), or no marker)");
        }
        return with(types.with(new KombuTypes.Codec(type, marker, encode, decode, true)));
    }

    /** @param place the path to the value in the body, as Jackson words it; may be empty */
    static SerializationException cannotWrite(Object body, @Nullable String reason, String place, Exception cause) {
        return new SerializationException(
                "body of " + body.getClass().getName() + " cannot be written as json: " + reason
                        + (place.isEmpty() ? "" : ", at " + place),
                cause);
    }

    static DecodeException cannotRead(@Nullable String reason, Exception cause) {
        return new DecodeException("body is not json: " + reason, cause);
    }
}
