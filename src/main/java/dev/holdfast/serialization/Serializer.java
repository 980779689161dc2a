package dev.holdfast.serialization;

import java.util.Optional;

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
     * Turns bytes into a body.
     *
     * @throws dev.holdfast.SerializationException if the bytes are not of this format
     */
    Object deserialize(byte[] body);
}
