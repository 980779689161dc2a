package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A format of message bodies. Implementations are thread-safe and neither keep nor change their arguments. */
public interface Serializer {
    /** Returns the content type of the messages, a MIME type such as {@code application/json}. */
    String contentType();

    /** Returns the content encoding of the messages, such as {@code utf-8} or {@code binary}; empty for none. */
    Optional<String> contentEncoding();

    /**
     * Serializes a body. The array may be the body itself: it is copied before the publish returns.
     *
     * @throws dev.holdfast.SerializationException if this format does not support the body
     */
    byte[] serialize(Object body);

    /**
     * Serializes a body to a stream and leaves the stream open. By default writes the array of {@link
     * #serialize(Object)}. A publish calls this method, so a format that writes directly to the stream saves a copy.
     *
     * @throws dev.holdfast.SerializationException if this format does not support the body
     */
    default void serialize(Object body, OutputStream out) throws IOException {
        out.write(serialize(body));
    }

    /**
     * Deserializes a body.
     *
     * @throws dev.holdfast.SerializationException if the bytes are not of this format
     */
    @Nullable
    Object deserialize(byte[] body);

    /**
     * Deserializes a body into an instance of this class. By default casts the result of {@link #deserialize(byte[])}.
     *
     * @throws dev.holdfast.SerializationException if the bytes are not of this format, or the value is of another class
     */
    default <T> @Nullable T deserialize(byte[] body, Class<T> type) {
        Object value = deserialize(body);
        if (value != null && !type.isInstance(value)) {
            throw new DecodeException(
                    "body: " + value.getClass().getName() + " (expected: " + type.getName() + ")", null);
        }
        return type.cast(value);
    }

    /**
     * Tells whether deserializing a message of this format may run code that its sender chose, as Python's pickle does;
     * default false. {@link Accept#safe()} does not accept such formats.
     */
    default boolean mayRunCode() {
        return false;
    }
}
