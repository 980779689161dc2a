package dev.holdfast.serialization;

import dev.holdfast.DecodeException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A format of message bodies. Implementations are thread-safe and never keep or change what they are given. */
public interface Serializer {
    /** Returns the MIME type that is sent with the bytes, such as {@code application/json}. */
    String contentType();

    /** Returns the content encoding that is sent with the bytes, such as {@code utf-8} or {@code binary}. */
    Optional<String> contentEncoding();

    /**
     * Turns a body into bytes. The array may be the body itself: it is copied before the publish returns.
     *
     * @throws dev.holdfast.SerializationException if this format has no form for the body
     */
    byte[] serialize(Object body);

    /**
     * Writes a body to a stream, which stays open; by default what {@link #serialize(Object)} gives. This is what a publish
     * calls, so a format that writes as it goes saves a copy of the body.
     *
     * @throws dev.holdfast.SerializationException if this format has no form for the body
     */
    default void serialize(Object body, OutputStream out) throws IOException {
        out.write(serialize(body));
    }

    /**
     * Turns bytes into a body.
     *
     * @throws dev.holdfast.SerializationException if the bytes are not of this format
     */
    @Nullable
    Object deserialize(byte[] body);

    /**
     * Turns bytes into a body of this class; by default {@link #deserialize(byte[])} must give one.
     *
     * @throws dev.holdfast.SerializationException if the bytes are not of this format, or not of this class
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
     * Tells whether reading a message of this format may run code that its sender chose, as Python's pickle does; default
     * false. {@link Accept#safe()} leaves such formats out.
     */
    default boolean mayRunCode() {
        return false;
    }
}
