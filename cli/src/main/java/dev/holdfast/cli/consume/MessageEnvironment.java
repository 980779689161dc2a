package dev.holdfast.cli.consume;

import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import java.io.IOException;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The environment variables that tell a command of {@code --exec} the properties and headers of its message. */
final class MessageEnvironment {
    private static final String PREFIX = "HOLDFAST_";
    private static final String HEADER_PREFIX = "HOLDFAST_HEADER_";

    /** Linux refuses to start a process with a variable over 128 KiB. */
    private static final int MAX_LENGTH = 1 << 15;

    private final Map<String, String> variables = new TreeMap<>();

    private MessageEnvironment() {}

    /**
     * Replaces the variables of another message, such as that of an outer {@code --exec}, by those of this one.
     *
     * @throws IOException if a header cannot be written as JSON
     */
    static void set(Map<String, String> environment, String queue, Delivery delivery) throws IOException {
        MessageEnvironment message = new MessageEnvironment();
        message.add(queue, delivery);
        environment.keySet().removeIf(name -> name.startsWith(HEADER_PREFIX));
        message.variables.forEach((name, value) -> {
            if (value.isEmpty()) {
                environment.remove(name);
            } else {
                environment.put(name, value);
            }
        });
    }

    private void add(String queue, Delivery delivery) throws IOException {
        add("QUEUE", queue);
        add("EXCHANGE", delivery.exchange());
        add("ROUTING_KEY", delivery.routingKey());
        add("REDELIVERED", delivery.redelivered());
        MessageProperties properties = delivery.properties();
        add("CONTENT_TYPE", properties.contentType());
        add("CONTENT_ENCODING", properties.contentEncoding());
        add("DELIVERY_MODE", properties.deliveryMode());
        add("PRIORITY", properties.priority());
        add("CORRELATION_ID", properties.correlationId());
        add("REPLY_TO", properties.replyTo());
        add("EXPIRATION", properties.expiration());
        add("MESSAGE_ID", properties.messageId());
        add("TIMESTAMP", properties.timestamp());
        add("TYPE", properties.type());
        add("USER_ID", properties.userId());
        add("APP_ID", properties.appId());
        for (Map.Entry<String, ?> header : properties.headers().entrySet()) {
            add("HEADER_" + name(header.getKey()), header.getValue());
        }
    }

    /** Adds a variable. It is empty, and so is not set, if there is no value that a variable can have. */
    private void add(String name, @Nullable Object value) throws IOException {
        boolean structured = value instanceof Map || value instanceof Collection || value instanceof Object[];
        String text = value == null ? "" : structured ? JsonLine.json(value) : JsonLine.text(value);
        String unused = variables.put(PREFIX + name, text.length() > MAX_LENGTH || text.indexOf(0) >= 0 ? "" : text);
    }

    /** Returns the name of a header in upper case, with other characters than letters and digits as underscores. */
    static String name(String header) {
        return header.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }
}
