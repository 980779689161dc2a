package dev.holdfast;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is and leads to at one moment; without the password.
 *
 * @param transport the transport
 * @param hostname the broker's name: the one connected to, else the first that would be tried
 * @param port its port
 * @param username the user name, null when the credentials come from a supplier
 * @param virtualHost the virtual host
 * @param tls whether it is encrypted
 * @param connected whether a link is up; the rest is of that link
 * @param heartbeat the interval agreed on, zero for none; without a link the one wished for
 * @param serverProduct what the broker calls itself, null without a link or where it does not say
 * @param serverVersion the broker's version, likewise
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
