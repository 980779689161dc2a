package dev.holdfast;

import dev.holdfast.internal.text.Utf8;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an AMQP URI: {@code amqp[s]://user:password@host:port,host:port/vhost?key=value}. An absent part is null
 * or empty. Errors never quote user info, nor a port, which may be part of a password that is not percent-encoded.
 */
record ConnectionUri(
        boolean tls,
        List<Address> addresses,
        @Nullable String username,
        @Nullable String password,
        @Nullable String virtualHost,
        Map<String, String> parameters) {

    private static final String SEPARATOR = "://";
    private static final int HEX = 16;

    /** Parses one URI, or several joined by {@code ;}, where each after the first may be a bare {@code host:port}. */
    static ConnectionUri parse(String text) {
        String[] parts = text.split(";", -1);
        ConnectionUri first = parseOne(parts[0].strip(), "");
        List<Address> addresses = new ArrayList<>(first.addresses);
        for (int i = 1; i < parts.length; i++) {
            ConnectionUri next = parseOne(parts[i].strip(), first.tls ? "amqps://" : "amqp://");
            first.requireConsistent(next);
            addresses.addAll(next.addresses);
        }
        return new ConnectionUri(
                first.tls, List.copyOf(addresses), first.username, first.password, first.virtualHost, first.parameters);
    }

    /** Sets the values that are present in the URI. */
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
        int queryMark = rest.indexOf('?');
        String query = queryMark < 0 ? "" : rest.substring(queryMark + 1);
        String hierarchy = queryMark < 0 ? rest : rest.substring(0, queryMark);
        int slash = hierarchy.indexOf('/');
        String authority = slash < 0 ? hierarchy : hierarchy.substring(0, slash);
        String path = slash < 0 ? "" : hierarchy.substring(slash + 1);
        int hostsStart = authority.lastIndexOf('@') + 1;
        String[] user = userInfo(hostsStart == 0 ? "" : authority.substring(0, hostsStart - 1));
        return new ConnectionUri(
                scheme.equals("amqps"),
                hosts(authority.substring(hostsStart)),
                user[0],
                user[1],
                path.isEmpty() ? null : decode("virtual host", path),
                query(query));
    }

    /** Returns user name and password; absent, or empty with an empty user name, is null: guest, as in Kombu. */
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
        for (String hostPort : text.split(",", -1)) {
            int bracket = hostPort.lastIndexOf(']');
            int colon = hostPort.indexOf(':', bracket + 1);
            String host = decode("host", colon < 0 ? hostPort : hostPort.substring(0, colon));
            String port = colon < 0 ? "" : hostPort.substring(colon + 1);
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

    /** Decodes strictly: replaced characters would change a password. Errors do not quote the text. */
    private static String decode(String part, String text) {
        if (Utf8.problem(text) != null) {
            throw malformed(part + " of Unicode characters; it has half a surrogate pair");
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            byte octet = bytes[i];
            if (octet == '%') {
                int high = i + 2 < bytes.length ? Character.digit(bytes[++i], HEX) : -1;
                int low = high < 0 ? -1 : Character.digit(bytes[++i], HEX);
                if (low < 0) {
                    throw malformed(part + " with '%' only before two hexadecimal digits; a '%' itself is written %25");
                }
                octet = (byte) (high * HEX + low);
            }
            bytes[length++] = octet;
        }
        String decoded = Utf8.decode(Arrays.copyOf(bytes, length));
        if (decoded == null) {
            throw malformed(part + " percent-encoded in UTF-8: an e with acute accent is %C3%A9, not %E9");
        }
        return decoded;
    }

    private static IllegalArgumentException malformed(String expected) {
        return Arguments.invalid("uri", "malformed", expected);
    }

    private void requireConsistent(ConnectionUri later) {
        boolean consistent = tls == later.tls
                && absentOrEqual(later.username, username)
                && absentOrEqual(later.password, password)
                && absentOrEqual(later.virtualHost, virtualHost)
                && (later.parameters.isEmpty() || parameters.equals(later.parameters));
        if (!consistent) {
            throw malformed("the URIs after the first with the same scheme, and with the same credentials, virtual host"
                    + " and parameters or none");
        }
    }

    private static boolean absentOrEqual(@Nullable String later, @Nullable String first) {
        return later == null || Objects.equals(first, later);
    }

    /** Returns a URI with the password masked, and without user info if the user name is null. */
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
