package dev.holdfast;

import static java.util.Objects.requireNonNull;

/**
 * The host and port of a broker. Each connect resolves the host name again.
 *
 * @param host host name, IPv4 literal, or IPv6 literal; brackets around a literal are removed
 * @param port 1 to 65535, or 0 for the port of the protocol: 5672, 5671 with TLS
 */
public record Address(String host, int port) {
    private static final int MAX_PORT = 65535;

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the host is empty, contains white space or one of {@code /?#@[],;}, or the
     *     port is out of range
     */
    public Address {
        requireNonNull(host, "host");
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || host.chars().anyMatch(c -> Character.isWhitespace(c) || "/?#@[],;".indexOf(c) >= 0)) {
            throw Arguments.invalid("host", "'" + host + "'", "a host name or an IP address");
        }
        Arguments.range("port", port, 0, MAX_PORT);
    }

    /** Returns this address, with the given port if its port is 0. */
    Address withDefaultPort(int defaultPort) {
        return port == 0 ? new Address(host, defaultPort) : this;
    }

    /** Returns {@code host:port}, an IPv6 literal in brackets. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
