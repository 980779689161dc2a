package dev.holdfast.cli.consume;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.SerializationException;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.serialization.Accept;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Formats a message as a JSON object: body, exchange, routing key, properties by their AMQP names, and headers. */
final class JsonFormatter implements MessageFormatter {
    private final BodyReader bodyReader;
    private final Accept accept;

    /**
     * Makes a formatter.
     *
     * @param accept the types to decode. With {@link Accept#safe()}, the default of the command, a body that is not
     *     accepted or cannot be decoded is printed undecoded with the reason; with any other value it is an exception.
     */
    JsonFormatter(BodyReader bodyReader, Accept accept) {
        this.bodyReader = bodyReader;
        this.accept = accept;
    }

    @Override
    public byte[] format(Delivery delivery) throws IOException {
        try {
            return format(delivery, bodyReader.decode(delivery, accept), null);
        } catch (SerializationException | IOException e) {
            if (!accept.isSafe()) {
                throw e;
            }
            return format(delivery, delivery.body(), ErrorHandler.describe(e));
        }
    }

    private static byte[] format(Delivery delivery, @Nullable Object body, @Nullable String undecoded)
            throws IOException {
        return JsonLine.of(json -> {
            json.writeStartObject();
            json.writeFieldName("body");
            JsonLine.write(json, body);
            if (undecoded != null) {
                json.writeStringField("undecoded", undecoded);
            }
            json.writeStringField("exchange", delivery.exchange());
            json.writeStringField("routing_key", delivery.routingKey());
            json.writeBooleanField("redelivered", delivery.redelivered());
            writeProperties(json, delivery.properties());
            json.writeFieldName("headers");
            JsonLine.write(json, delivery.properties().headers());
            json.writeEndObject();
        });
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
            JsonLine.write(json, value);
        }
    }
}
