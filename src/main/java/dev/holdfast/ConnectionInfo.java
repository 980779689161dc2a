package dev.holdfast;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a connection and of its present link, without the password.
 *
 * @param transport the transport in use; never {@link Transport#AUTO}
 * @param hostname the broker's host: of the present link, or without a link the first of the addresses
 * @param port the broker's port, likewise
 * @param username the user name, null if the credentials come from a supplier
 * @param virtualHost the virtual host
 * @param tls whether TLS is used
 * @param connected whether a link is up
 * @param heartbeat the negotiated heartbeat interval, zero for none; without a link the configured one
 * @param serverProduct the product name of the broker, null without a link or if the broker does not send it
 * @param serverVersion the version of the broker, null likewise
 */
public record ConnectionInfo(
        Transport transport,
        String hostname,
        int port,
        @Nullable String username,
        String virtualHost,
        boolean tls,
        boolean connected,
        Duration heartbeat,
        @Nullable String serverProduct,
        @Nullable String serverVersion) {}
