package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.text.LibraryVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Creates the client-properties table of connection.start-ok. Stateless. */
final class ClientProperties {
    /**
     * Without authentication_failure_close a broker closes the socket after a refused login without connection.close;
     * without the others it does not send what they name.
     */
    private static final List<String> CAPABILITIES = List.of(
            "publisher_confirms",
            "exchange_exchange_bindings",
            "basic.nack",
            "consumer_cancel_notify",
            "connection.blocked",
            "authentication_failure_close");

    private ClientProperties() {}

    /** @param secretBytes the size of the credentials; a large login has no room for what only informs */
    static Map<String, Object> of(ConnectionOptions options, int secretBytes) {
        Map<String, Object> capabilities = new LinkedHashMap<>();
        CAPABILITIES.forEach(name -> capabilities.put(name, true));
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("product", "Holdfast");
        properties.put("version", LibraryVersion.get());
        properties.put("platform", "Java " + Runtime.version().feature());
        if (secretBytes < FrameFormat.MIN_FRAME_MAX) {
            properties.put("information", "Licensed under the Apache License 2.0");
        }
        properties.put("capabilities", capabilities);
        if (options.connectionName() != null) {
            properties.put("connection_name", options.connectionName());
        }
        properties.putAll(options.clientProperties());
        return properties;
    }
}
