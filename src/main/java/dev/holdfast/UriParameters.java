package dev.holdfast;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The query parameters of a URI: RabbitMQ's names, and Kombu's where Kombu has its own. */
final class UriParameters {
    private static final Map<String, BiConsumer<ConnectionSettings, String>> SETTERS =
            Collections.unmodifiableMap(new TreeMap<>(Map.ofEntries(
                    Map.entry("heartbeat", (s, v) -> s.heartbeat(Duration.ofSeconds(number("heartbeat", v)))),
                    Map.entry(
                            "connection_timeout",
                            (s, v) -> s.connectTimeout = Duration.ofMillis(positive("connection_timeout", v))),
                    Map.entry(
                            "connect_timeout",
                            (s, v) -> s.connectTimeout = Duration.ofSeconds(positive("connect_timeout", v))),
                    Map.entry("channel_max", (s, v) -> s.channelMax(number("channel_max", v))),
                    Map.entry("frame_max", (s, v) -> s.frameMax(number("frame_max", v))),
                    Map.entry("auth_mechanism", ConnectionSettings::saslMechanism),
                    Map.entry("login_method", ConnectionSettings::saslMechanism),
                    Map.entry("failover_strategy", (s, v) -> s.failover = failover(v)),
                    Map.entry("name", ConnectionSettings::connectionName),
                    Map.entry("cacertfile", (s, v) -> s.tlsOptions = s.tlsOptions.trust(file("cacertfile", v))),
                    Map.entry("certfile", (s, v) -> {}), // set together with keyfile
                    Map.entry("keyfile", (s, v) -> {}),
                    Map.entry("verify", (s, v) -> s.tlsOptions = s.tlsOptions.verifyPeer(verifyPeer(v))),
                    Map.entry("confirms", (s, v) -> s.confirms = flag("confirms", v)),
                    Map.entry("ssl", (s, v) -> s.tls = flag("ssl", v)))));

    /** Kombu's names, each with RabbitMQ's name for the same parameter; a URI has at most one of the two. */
    private static final Map<String, String> SYNONYMS =
            Map.of("connect_timeout", "connection_timeout", "login_method", "auth_mechanism");

    private static final List<String> TLS_ONLY = List.of("cacertfile", "certfile", "keyfile", "verify");

    private UriParameters() {}

    static void applyAll(ConnectionSettings settings, Map<String, String> parameters) {
        SYNONYMS.forEach((kombu, rabbit) -> {
            if (parameters.containsKey(kombu) && parameters.containsKey(rabbit)) {
                throw Arguments.invalid("parameter", kombu, "without " + rabbit + ", which is the same parameter");
            }
        });
        parameters.forEach((name, value) -> apply(settings, name, value));
        certificate(settings, parameters.get("certfile"), parameters.get("keyfile"));
        for (String name : TLS_ONLY) {
            if (!settings.tls && parameters.containsKey(name)) {
                throw Arguments.invalid("parameter", name, "with TLS only: amqps:// or ssl=1");
            }
        }
    }

    private static void certificate(ConnectionSettings settings, @Nullable String certificate, @Nullable String key) {
        if (certificate != null && key != null) {
            settings.tlsOptions = settings.tlsOptions.certificate(file("certfile", certificate), file("keyfile", key));
        } else if (certificate != null || key != null) {
            throw Arguments.invalid("parameter", key == null ? "certfile" : "keyfile", "certfile and keyfile together");
        }
    }

    private static Path file(String name, String value) {
        if (value.isBlank() || value.indexOf('\0') >= 0) {
            throw Arguments.invalid(name, "'" + value.replace('\0', '?') + "'", "the path of a PEM file");
        }
        return Path.of(value);
    }

    private static void apply(ConnectionSettings settings, String name, String value) {
        BiConsumer<ConnectionSettings, String> setter = SETTERS.get(name);
        if (setter == null) {
            throw Arguments.invalid("parameter", name, "one of " + SETTERS.keySet());
        }
        setter.accept(settings, value);
    }

    private static int number(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw Arguments.invalid(name, "'" + value + "'", "a whole number");
        }
    }

    private static int positive(String name, String value) {
        return Arguments.range(name, number(name, value), 1, Integer.MAX_VALUE);
    }

    private static Failover failover(String value) {
        return switch (value) {
            case "round-robin" -> Failover.ROUND_ROBIN;
            case "shuffle" -> Failover.SHUFFLE;
            default -> throw Arguments.invalid("failover_strategy", value, "round-robin or shuffle");
        };
    }

    private static boolean verifyPeer(String value) {
        return switch (value) {
            case "verify_peer" -> true;
            case "verify_none" -> false;
            default -> throw Arguments.invalid("verify", value, "verify_peer or verify_none");
        };
    }

    private static boolean flag(String name, String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "1", "true" -> true;
            case "0", "false" -> false;
            default -> throw Arguments.invalid(name, "'" + value + "'", "0 or 1");
        };
    }
}
