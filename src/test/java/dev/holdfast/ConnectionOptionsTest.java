package dev.holdfast;

import static dev.holdfast.InvalidArguments.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionOptionsTest {
    private static final ConnectionOptions DEFAULTS = ConnectionOptions.defaults();

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(DEFAULTS.addresses()).containsExactly(new Address("localhost", 5672));
        assertThat(DEFAULTS.credentials().get()).isEqualTo(new Credentials("guest", "guest"));
        assertThat(DEFAULTS.virtualHost()).isEqualTo("/");
        assertThat(DEFAULTS.tls()).isFalse();
        assertThat(DEFAULTS.tlsOptions().verifyPeer()).isTrue();
        assertThat(DEFAULTS.tlsOptions().verifyHostName()).isTrue();
        assertThat(DEFAULTS.saslMechanism()).isEqualTo("PLAIN");
        assertThat(DEFAULTS.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(DEFAULTS.rpcTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(DEFAULTS.confirmTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(DEFAULTS.closeTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(DEFAULTS.heartbeat()).isEqualTo(Duration.ofSeconds(60));
        assertThat(DEFAULTS.frameMax()).isEqualTo(131072);
        assertThat(DEFAULTS.channelMax()).isEqualTo(2047);
        assertThat(DEFAULTS.confirms()).isTrue();
        assertThat(DEFAULTS.maxUnconfirmed()).isEqualTo(10_000);
        assertThat(DEFAULTS.maxUnconfirmedBytes()).isEqualTo(67_108_864);
        assertThat(DEFAULTS.maxInboundMessageSize()).isEqualTo(134_217_728);
        assertThat(DEFAULTS.reconnectDelayMin()).isEqualTo(Duration.ofMillis(100));
        assertThat(DEFAULTS.reconnectDelayMax()).isEqualTo(Duration.ofSeconds(10));
        assertThat(DEFAULTS.transport()).isEqualTo(Transport.AUTO);
        assertThat(DEFAULTS.clientProperties()).isEmpty();
        assertThat(DEFAULTS.connectionName()).isNull();
        assertThat(DEFAULTS.onReturn()).isNull();
        assertThat(DEFAULTS.completionExecutor()).isNull();
        assertThat(DEFAULTS.deliveryExecutor()).isNull();
    }

    /**
     * The table of RabbitMQ's URI specification, with an absent virtual host as the default one, then Kombu's cases.
     */
    static Stream<Arguments> uris() {
        return Stream.of(
                Arguments.of("amqp://user:pass@host:10000/vhost", "user", "pass", "host:10000", "vhost"),
                Arguments.of(
                        "amqp://user%61:%61pass@ho%61st:10000/v%2fhost", "usera", "apass", "hoast:10000", "v/host"),
                Arguments.of("amqp://", "guest", "guest", "localhost:5672", "/"),
                Arguments.of("amqp://:@/", "guest", "guest", "localhost:5672", "/"),
                Arguments.of("amqp://user@", "user", "guest", "localhost:5672", "/"),
                Arguments.of("amqp://user:@h", "user", "", "h:5672", "/"),
                Arguments.of("amqp://user:pass@", "user", "pass", "localhost:5672", "/"),
                Arguments.of("amqp://host", "guest", "guest", "host:5672", "/"),
                Arguments.of("amqp://:10000", "guest", "guest", "localhost:10000", "/"),
                Arguments.of("amqp:///vhost", "guest", "guest", "localhost:5672", "vhost"),
                Arguments.of("amqp://host/", "guest", "guest", "host:5672", "/"),
                Arguments.of("amqp://host/%2f", "guest", "guest", "host:5672", "/"),
                Arguments.of("amqp://host//", "guest", "guest", "host:5672", "/"),
                Arguments.of("amqp://host//foo", "guest", "guest", "host:5672", "/foo"),
                Arguments.of("amqp://host/a/b", "guest", "guest", "host:5672", "a/b"),
                Arguments.of("amqp://[::1]", "guest", "guest", "[::1]:5672", "/"),
                Arguments.of("AMQPS://[fe80::1]:99/v", "guest", "guest", "[fe80::1]:99", "v"),
                Arguments.of("amqps://h", "guest", "guest", "h:5671", "/"),
                Arguments.of("amqp://u:p+%2B%3b%40@h", "u", "p++;@", "h:5672", "/"),
                Arguments.of("amqp://u:p@q@h", "u", "p@q", "h:5672", "/"));
    }

    @ParameterizedTest
    @MethodSource("uris")
    void urisAreParsed(String uri, String username, String password, String address, String virtualHost) {
        ConnectionOptions options = ConnectionOptions.parse(uri);

        assertThat(options.credentials().get()).isEqualTo(new Credentials(username, password));
        assertThat(options.addresses()).extracting(Address::toString).containsExactly(address);
        assertThat(options.virtualHost()).isEqualTo(virtualHost);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "amqp://u:p@h1:1,h2/v",
                "amqp://u:p@h1:1/v;amqp://h2",
                "amqp://u:p@h1:1/v;h2:5672",
                "amqp://u:p@h1:1/v; amqp://u:p@h2/v"
            })
    void severalBrokersAreParsed(String uri) {
        ConnectionOptions options = ConnectionOptions.parse(uri);

        assertThat(options.addresses()).containsExactly(new Address("h1", 1), new Address("h2", 5672));
        assertThat(options.credentials().get()).isEqualTo(new Credentials("u", "p"));
        assertThat(options.virtualHost()).isEqualTo("v");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "amqp://u:p@h1/v;amqp://h2/w",
                "amqp://u:p@h1/v;amqp://other@h2",
                "amqp://h1;amqps://h2",
                "amqp://h1;amqp://h2?heartbeat=3",
                "amqp://h1;h2/v"
            })
    void laterUrisThatContradictTheFirstAreRefused(String uri) {
        assertInvalid(
                () -> ConnectionOptions.parse(uri), "uri: malformed (expected: the URIs after the first with the same");
    }

    @Test
    void parametersAreParsed() {
        ConnectionOptions options = ConnectionOptions.parse("amqp://h?heartbeat=5&connection_timeout=1500&channel_max=7"
                + "&frame_max=8192&auth_mechanism=external&name=my%20app&verify=verify_none&confirms=0&ssl=1");

        assertThat(options.heartbeat()).isEqualTo(Duration.ofSeconds(5));
        assertThat(options.connectTimeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(options.channelMax()).isEqualTo(7);
        assertThat(options.frameMax()).isEqualTo(8192);
        assertThat(options.saslMechanism()).isEqualTo("EXTERNAL");
        assertThat(options.connectionName()).isEqualTo("my app");
        assertThat(options.tlsOptions().verifyPeer()).isFalse();
        assertThat(options.tlsOptions().verifyHostName()).isFalse();
        assertThat(options.confirms()).isFalse();
        assertThat(options.addresses()).containsExactly(new Address("h", 5671));
        assertThat(ConnectionOptions.parse("amqp://h?ssl=0").tls()).isFalse();
        assertThat(ConnectionOptions.parse("amqp://h?heartbeat=0").heartbeat()).isZero();
    }

    @Test
    void tlsParametersAreParsed() {
        TlsOptions files = TlsOptions.defaults()
                .trust(Path.of("/etc/my ca.pem"))
                .certificate(Path.of("me.pem"), Path.of("me.key"));

        assertThat(ConnectionOptions.parse("amqps://h?cacertfile=%2Fetc/my%20ca.pem&keyfile=me.key&certfile=me.pem")
                        .tlsOptions())
                .isEqualTo(files);
        assertThat(ConnectionOptions.parse("amqp://h?verify=verify_none&cacertfile=/etc/my%20ca.pem"
                                + "&certfile=me.pem&keyfile=me.key&ssl=1")
                        .tlsOptions())
                .isEqualTo(files.verifyPeer(false));
        assertThat(ConnectionOptions.parse("amqps://h?verify=verify_peer").tlsOptions())
                .isEqualTo(TlsOptions.defaults());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "amqp://h?cacertfile=ca.pem | parameter: cacertfile (expected: with TLS only: amqps:// or ssl=1)",
                "amqp://h?certfile=a&keyfile=b | parameter: certfile (expected: with TLS only",
                "amqp://h?verify=verify_none | parameter: verify (expected: with TLS only",
                "amqp://h?ssl=0&verify=verify_peer | parameter: verify (expected: with TLS only",
                "amqps://h?certfile=me.pem | parameter: certfile (expected: certfile and keyfile together)",
                "amqps://h?keyfile=me.key | parameter: keyfile (expected: certfile and keyfile together)",
                "amqps://h?cacertfile= | cacertfile: '' (expected: the path of a PEM file)",
                "amqps://h?cacertfile=a%00b | cacertfile: 'a?b' (expected: the path of a PEM file)",
                "amqps://h?server_name_indication=x | parameter: server_name_indication (expected: one of"
                        + " [auth_mechanism, cacertfile, certfile,",
                "amqp://h?foo=1 | parameter: foo (expected: one of [auth_mechanism, cacertfile, certfile, channel_max,",
                "amqp://h?virtual_host=v | parameter: virtual_host",
                "amqp://h?connect_timeout=3&connection_timeout=3000 | parameter: connect_timeout (expected: without",
                "amqp://h?connect_timeout=0 | connect_timeout: 0 (expected: >= 1)",
                "amqp://h?failover_strategy=random | failover_strategy: random (expected: round-robin or shuffle)",
                "amqp://h?heartbeat=x | heartbeat: 'x'",
                "amqp://h?heartbeat= | heartbeat: ''",
                "amqp://h?heartbeat=-1 | heartbeat: PT-1S",
                "amqp://h?heartbeat=1&heartbeat=2 | parameter: heartbeat (expected: given once)",
                "amqp://h?connection_timeout=0 | connection_timeout: 0",
                "amqp://h?channel_max=65536 | channelMax: 65536 (expected: 0 to 65535)",
                "amqp://h?frame_max=4095 | frameMax: 4095 (expected: 0 or >= 4096)",
                "amqp://h?auth_mechanism=GSSAPI | saslMechanism: GSSAPI (expected: PLAIN, AMQPLAIN or EXTERNAL)",
                "amqps://h?verify=maybe | verify: maybe",
                "amqp://h?confirms=no | confirms: 'no' (expected: 0 or 1)",
                "amqps://h?ssl=0 | ssl: 0",
                "http://h | scheme: http (expected: amqp, amqps or pyamqp)",
                "localhost | uri: malformed",
                "'' | uri: malformed",
                "amqp://h:0 | uri: malformed",
                "amqp://h:65536 | uri: malformed",
                "amqp://h:1x | uri: malformed",
                "amqp://h/%zz | uri: malformed",
                "amqp://h/v#x | uri: malformed",
                "amqp://a b | host: 'a b'"
            })
    void errorsNameTheInvalidPartOfTheUri(String uri, String message) {
        assertInvalid(() -> ConnectionOptions.parse(uri), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "amqp://u:hunter%@h",
                "amqp://u:hunter/2@h",
                "amqp://u:12345?hunter@h",
                "amqp://u:hunter#2@h",
                "amqp://u:hunter2@h:x",
                "http://u:hunter2@h",
                "amqp://u:hunter2@h;amqp://u:hunter3@h"
            })
    void errorsNeverQuoteThePassword(String uri) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionOptions.parse(uri))
                .satisfies(e -> assertThat(e).hasNoCause())
                .satisfies(
                        e -> assertThat(e.getMessage()).doesNotContain("hunter").doesNotContain("12345"));
    }

    @Test
    void thePasswordIsMasked() {
        ConnectionOptions options = ConnectionOptions.parse("amqp://us%40er:hunter2@[::1]:99,h//foo");

        assertThat(options.asUri()).isEqualTo("amqp://us%40er:**@[::1]:99,h:5672/%2Ffoo");
        assertThat(options.toString()).contains(options.asUri()).doesNotContain("hunter2");
        assertThat(options.credentials().get().toString()).isEqualTo("us@er:**");
        assertThat(options.credentials().toString()).doesNotContain("hunter2");
        assertThat(ConnectionOptions.parse(options.asUri()).virtualHost()).isEqualTo("/foo");
    }

    @Test
    void theSupplierIsCalledOnlyForCredentials() {
        int[] calls = {0};
        ConnectionOptions options = DEFAULTS.credentials(() -> new Credentials("u", "token" + ++calls[0]));

        assertThat(options.asUri()).isEqualTo("amqp://localhost:5672/%2F");
        assertThat(options.toString()).isNotEmpty();
        assertThat(calls[0]).isZero();
        assertThat(options.credentials().get().password()).isEqualTo("token1");
        assertThat(options.credentials().get().password()).isEqualTo("token2");
        assertThatIllegalStateException().isThrownBy(() -> options.username("x"));
        assertThatIllegalStateException().isThrownBy(() -> options.password("x"));
    }

    @Test
    void withersReturnACopy() {
        ConnectionOptions changed =
                DEFAULTS.heartbeat(Duration.ZERO).username("u").password("p");

        assertThat(changed.heartbeat()).isZero();
        assertThat(changed.credentials().get()).isEqualTo(new Credentials("u", "p"));
        assertThat(DEFAULTS.heartbeat()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void clientPropertiesAreCopied() {
        Map<String, Object> properties = new HashMap<>(Map.of("product", "shop"));
        ConnectionOptions options = DEFAULTS.clientProperties(properties);
        properties.clear();

        assertThat(options.clientProperties()).containsExactly(Map.entry("product", "shop"));
    }

    @Test
    void tlsOptionsEnableTls() throws Exception {
        ConnectionOptions options = DEFAULTS.tls(TlsOptions.defaults().context(SSLContext.getDefault()));

        assertThat(options.tls()).isTrue();
        assertThat(options.addresses()).containsExactly(new Address("localhost", 5671));
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        assertInvalid(() -> DEFAULTS.addresses(List.of()), "addresses: [] (expected: one or more)");
        assertInvalid(
                () -> DEFAULTS.connectTimeout(Duration.ZERO),
                "connectTimeout: PT0S (expected: > 0, at most 3650 days)");
        assertInvalid(() -> DEFAULTS.rpcTimeout(Duration.ofSeconds(-1)), "rpcTimeout: PT-1S");
        assertInvalid(() -> DEFAULTS.confirmTimeout(Duration.ofSeconds(Long.MAX_VALUE)), "confirmTimeout: ");
        assertInvalid(() -> DEFAULTS.closeTimeout(Duration.ZERO), "closeTimeout: ");
        assertInvalid(() -> DEFAULTS.heartbeat(Duration.ofMillis(500)), "heartbeat: PT0.5S");
        assertInvalid(() -> DEFAULTS.heartbeat(Duration.ofSeconds(65536)), "heartbeat: ");
        assertInvalid(() -> DEFAULTS.channelMax(-1), "channelMax: -1");
        assertInvalid(() -> DEFAULTS.maxUnconfirmed(0), "maxUnconfirmed: 0 (expected: 1 to 16777216)");
        assertInvalid(() -> DEFAULTS.maxUnconfirmedBytes(0), "maxUnconfirmedBytes: 0 (expected: >= 1)");
        assertInvalid(() -> DEFAULTS.maxInboundMessageSize(0), "maxInboundMessageSize: 0 (expected: >= 1)");
        assertInvalid(() -> DEFAULTS.virtualHost("ü".repeat(128)), "virtualHost: 'üü");
        assertInvalid(
                () -> DEFAULTS.reconnectBackoff(Duration.ofSeconds(2), Duration.ofSeconds(1)),
                "reconnectBackoff max: PT1S (expected: >= min PT2S)");
        assertInvalid(() -> DEFAULTS.address("", 1), "host: ''");
        assertInvalid(() -> DEFAULTS.address("h", 65536), "port: 65536 (expected: 0 to 65535)");
    }

    @Test
    void kombuNamesAreParsed() {
        ConnectionOptions options = ConnectionOptions.parse("pyamqp://u:p@h?connect_timeout=3&login_method=amqplain"
                + "&failover_strategy=shuffle&heartbeat=30&ssl=0");

        assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.saslMechanism()).isEqualTo("AMQPLAIN");
        assertThat(options.failover()).isSameAs(Failover.SHUFFLE);
        assertThat(options.tls()).isFalse();
        assertThat(options.addresses()).containsExactly(new Address("h", 5672));
        assertThat(ConnectionOptions.parse("amqp://h?failover_strategy=round-robin"))
                .isEqualTo(ConnectionOptions.parse("amqp://h"));
    }

    @Test
    void aListOfUrisIsParsed() {
        assertThat(ConnectionOptions.parse(List.of("amqp://u:p@h1:1/v", "amqp://h2", "h3:3")))
                .isEqualTo(ConnectionOptions.parse("amqp://u:p@h1:1,h2,h3:3/v"));
        assertThatIllegalArgumentException().isThrownBy(() -> ConnectionOptions.parse(List.of()));
    }

    @Test
    void equalityComparesAllSettings() throws Exception {
        ConnectionOptions options = ConnectionOptions.parse("amqps://u:hunter2@h1,h2/v?heartbeat=7");

        assertThat(options)
                .isEqualTo(ConnectionOptions.parse("amqps://u:hunter2@h1,h2/v?heartbeat=7"))
                .hasSameHashCodeAs(ConnectionOptions.parse("amqps://u:hunter2@h1,h2/v?heartbeat=7"))
                .isNotEqualTo(options.password("hunter3"))
                .isNotEqualTo(options.tls(TlsOptions.defaults().verifyHostName(false)))
                .isNotEqualTo(options.failover(Failover.SHUFFLE))
                .isNotEqualTo(options.onReturn(message -> {}));
        assertThat(new ConnectionSettings().values())
                .as("one value for each field")
                .hasSize((int) Stream.of(ConnectionSettings.class.getDeclaredFields())
                        .filter(field -> !field.isSynthetic() && !Modifier.isStatic(field.getModifiers()))
                        .count());
    }
}
