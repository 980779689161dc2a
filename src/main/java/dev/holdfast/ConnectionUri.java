package dev.holdfast;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An AMQP URI taken apart: {@code amqp[s]://user:password@host:port,host:port/vhost?key=value}. What the URI does not
 * say is null or empty. Errors never quote user info, nor a port, which may be a piece of a badly written password.
 */
record ConnectionUri(
        boolean tls,
        List<Address> addresses,
        @Nullable String username,
        @Nullable String password,
        @Nullable String virtualHost,
        Map<String, String> parameters) {

    private static final String SEPARATOR = "://";

    /** Parses one URI, or several joined by {@code ;}, where the later ones may also be a bare {@code host:port}. */
    static ConnectionUri parse(String text) {
        String[] parts = text.split(";", -1);
        ConnectionUri first = parseOne(parts[0].strip(), "");
        List<Address> addresses = new ArrayList<>(first.addresses);
        for (int i = 1; i < parts.length; i++) {
            ConnectionUri next = parseOne(parts[i].strip(), first.tls ? "amqps://" : "amqp://");
            first.requireAgrees(next);
            addresses.addAll(next.addresses);
        }
        return new ConnectionUri(
                first.tls, List.copyOf(addresses), first.username, first.password, first.virtualHost, first.parameters);
    }

    /** Sets what the URI says; the rest stays as it is. */
    void applyTo(ConnectionSettings settings) {
        settings.tls = tls;
        settings.addresses = addresses;
        if (username != null) {
            settings.username(username);
        }
        if (password != null) {
            settings.password(password);
        }
        if (virtualHost != null) {
            settings.virtualHost(virtualHost);
        }
        UriParameters.applyAll(settings, parameters);
        if (tls && !settings.tls) {
            throw Arguments.invalid("ssl", "0", "1, or amqp:// instead of amqps://");
        }
    }

    private static ConnectionUri parseOne(String text, String defaultScheme) {
        String uri = text.contains(SEPARATOR) ? text : defaultScheme + text;
        int schemeEnd = uri.indexOf(SEPARATOR);
        if (schemeEnd < 0) {
            throw malformed("a URI that starts with amqp:// or amqps://");
        }
        String scheme = uri.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
        if (!List.of("amqp", "amqps", "pyamqp").contains(scheme)) {
            throw Arguments.invalid("scheme", scheme, "amqp, amqps or pyamqp");
        }
        if (uri.indexOf('#') >= 0) {
            throw malformed("no '#'; in a name or a password it is written %23");
        }
        String rest = uri.substring(schemeEnd + SEPARATOR.length());
        int queryAt = rest.indexOf('?');
        String query = queryAt < 0 ? "" : rest.substring(queryAt + 1);
        String place = queryAt < 0 ? rest : rest.substring(0, queryAt);
        int pathAt = place.indexOf('/');
        String authority = pathAt < 0 ? place : place.substring(0, pathAt);
        String path = pathAt < 0 ? "" : place.substring(pathAt + 1);
        int hostsAt = authority.lastIndexOf('@') + 1;
        String[] user = userInfo(hostsAt == 0 ? "" : authority.substring(0, hostsAt - 1));
        return new ConnectionUri(
                scheme.equals("amqps"),
                hosts(authority.substring(hostsAt)),
                user[0],
                user[1],
                path.isEmpty() ? null : decode("virtual host", path),
                query(query));
    }

    /**
     * Returns user name and password; what is absent, or empty without a user name, is null: guest, as Kombu has it.
     */
    private static @Nullable String[] userInfo(String text) {
        int colon = text.indexOf(':');
        String username = decode("user name", colon < 0 ? text : text.substring(0, colon));
        String password = colon < 0 ? null : decode("password", text.substring(colon + 1));
        if (username.isEmpty()) {
            return new @Nullable String[] {null, password == null || password.isEmpty() ? null : password};
        }
        return new @Nullable String[] {username, password};
    }

    private static List<Address> hosts(String text) {
        List<Address> addresses = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            int bracket = one.lastIndexOf(']');
            int colon = one.indexOf(':', bracket + 1);
            String host = decode("host", colon < 0 ? one : one.substring(0, colon));
            String port = colon < 0 ? "" : one.substring(colon + 1);
            addresses.add(new Address(host.isEmpty() ? "localhost" : host, port(port)));
        }
        return addresses;
    }

    private static int port(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        int port = text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65535) {
            throw malformed("a port from 1 to 65535; IPv6 addresses in brackets; '/', '?', '@' and ':' in a name or a"
                    + " password percent-encoded");
        }
        return port;
    }

    private static Map<String, String> query(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = decode("parameter", equals < 0 ? pair : pair.substring(0, equals));
            if (!key.matches("[A-Za-z_]+")) {
                throw malformed("parameters as name=value, joined by '&'; a '?' in a password percent-encoded");
            }
            String value = equals < 0 ? "" : decode(key, pair.substring(equals + 1));
            if (parameters.putIfAbsent(key, value) != null) {
                throw Arguments.invalid("parameter", key, "given once");
            }
        }
        return parameters;
    }

    private static String decode(String what, String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // Neither the text nor the cause: both may hold a secret.
            throw malformed(what + " with '%' only before two hexadecimal digits; a '%' itself is written %25");
        }
    }

    private static IllegalArgumentException malformed(String expected) {
        return Arguments.invalid("uri", "malformed", expected);
    }

    private void requireAgrees(ConnectionUri later) {
        boolean agrees = tls == later.tls
                && agrees(username, later.username)
                && agrees(password, later.password)
                && agrees(virtualHost, later.virtualHost)
                && (later.parameters.isEmpty() || parameters.equals(later.parameters));
        if (!agrees) {
            throw malformed("the URIs after the first with the same scheme, and with the same credentials, virtual host"
                    + " and parameters or none");
        }
    }

    private static boolean agrees(@Nullable String first, @Nullable String later) {
        return later == null || Objects.equals(first, later);
    }

    /** Returns a URI that hides the password and leaves out user info when the name is null. */
    static String format(boolean tls, List<Address> addresses, @Nullable String username, String virtualHost) {
        String user = username == null ? "" : encode(username) + ":**@";
        String hosts = addresses.stream().map(Address::toString).collect(Collectors.joining(","));
        return (tls ? "amqps://" : "amqp://") + user + hosts + "/" + encode(virtualHost);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return format(tls, addresses, username, virtualHost == null ? "/" : virtualHost);
    }
}
