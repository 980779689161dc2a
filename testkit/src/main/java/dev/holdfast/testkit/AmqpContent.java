package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A message that a {@link ScriptedConnection} receives.
 *
 * @param method the method that carries the message, {@code basic.publish}
 * @param properties those that are present, by their names in the protocol, such as {@code "content-type"}; values as
 *     in {@link AmqpMethod}, {@code timestamp} is a Long in seconds, {@code headers} a Map
 * @param body the body, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record AmqpContent(AmqpMethod method, Map<String, Object> properties, byte[] body) {
    /** Takes a copy of the properties. */
    public AmqpContent {
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(body, "body");
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /** Returns the body as text in UTF-8. */
    public String text() {
        return new String(body, UTF_8);
    }
}
