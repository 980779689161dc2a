package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints a message as one JSON object: its body, where it came by, its properties by their AMQP names, its headers. */
final class JsonPrinter implements MessagePrinter {
    private final JsonFactory factory = JsonFactory.builder()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .build();

    @Override
    public void print(Delivery delivery, OutputStream out) throws IOException {
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.writeStartObject();
            json.writeFieldName("body");
            writeBytes(json, delivery.body());
            json.writeStringField("exchange", delivery.exchange());
            json.writeStringField("routing_key", delivery.routingKey());
            json.writeBooleanField("redelivered", delivery.redelivered());
            writeProperties(json, delivery.properties());
            json.writeFieldName("headers");
            Map<String, Object> headers = delivery.properties().headers();
            writeValue(json, headers == null ? Map.of() : headers);
            json.writeEndObject();
        }
        out.write('\n');
    }

    private static void writeProperties(JsonGenerator json, MessageProperties properties) throws IOException {
        json.writeObjectFieldStart("properties");
        property(json, "content-type", properties.contentType());
        property(json, "content-encoding", properties.contentEncoding());
        property(json, "delivery-mode", properties.deliveryMode());
        property(json, "priority", properties.priority());
        property(json, "correlation-id", properties.correlationId());
        property(json, "reply-to", properties.replyTo());
        property(json, "expiration", properties.expiration());
        property(json, "message-id", properties.messageId());
        property(json, "timestamp", properties.timestamp());
        property(json, "type", properties.type());
        property(json, "user-id", properties.userId());
        property(json, "app-id", properties.appId());
        property(json, "cluster-id", properties.reserved());
        json.writeEndObject();
    }

    private static void property(JsonGenerator json, String name, @Nullable Object value) throws IOException {
        if (value != null) {
            json.writeFieldName(name);
            writeValue(json, value);
        }
    }

    private static void writeValue(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean bool) {
            json.writeBoolean(bool);
        } else if (value instanceof BigDecimal decimal) {
            json.writeNumber(decimal);
        } else if (value instanceof Double || value instanceof Float) {
            json.writeNumber(((Number) value).doubleValue());
        } else if (value instanceof Number number) {
            json.writeNumber(number.longValue());
        } else if (value instanceof byte[] bytes) {
            writeBytes(json, bytes);
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                writeValue(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof Map<?, ?> table) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : table.entrySet()) {
                json.writeFieldName(String.valueOf(entry.getKey()));
                writeValue(json, entry.getValue());
            }
            json.writeEndObject();
        } else {
            json.writeString(value.toString());
        }
    }

    private static void writeBytes(JsonGenerator json, byte[] bytes) throws IOException {
        if (Utf8.isValid(bytes)) {
            json.writeString(new String(bytes, UTF_8));
        } else {
            json.writeStartObject();
            json.writeFieldName("base64");
            json.writeBinary(bytes);
            json.writeEndObject();
        }
    }
}
