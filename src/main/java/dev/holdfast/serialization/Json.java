package dev.holdfast.serialization;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.SerializationException;
import java.io.IOException;
import java.util.Optional;

/**
 * JSON by Jackson: compact, UTF-8. Takes maps, collections, arrays, strings, numbers, booleans and beans; gives maps,
 * lists, strings, numbers and booleans. Thread-safe.
 */
public final class Json implements Serializer {
    private final ObjectMapper mapper = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Makes the serializer with Jackson's defaults. */
    public Json() {}

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public Optional<String> contentEncoding() {
        return Optional.of("utf-8");
    }

    @Override
    public byte[] serialize(Object body) {
        try {
            return mapper.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new SerializationException(
                    "body of " + body.getClass().getName() + " cannot be written as json: " + e.getOriginalMessage(),
                    e);
        }
    }

    /** Turns JSON into a body; refuses the document {@code null}, trailing content and anything malformed. */
    @Override
    public Object deserialize(byte[] body) {
        Object value;
        try {
            value = mapper.readValue(body, Object.class);
        } catch (JsonProcessingException e) {
            throw new SerializationException("body is not json: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new SerializationException("body is not json: " + e.getMessage(), e);
        }
        if (value == null) {
            throw new SerializationException("body: null (expected: a json document other than null)", null);
        }
        return value;
    }
}
