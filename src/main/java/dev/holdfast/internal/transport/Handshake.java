package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is said before a connection is open (AMQP 0-9-1, section 2.2.4), as a machine without I/O: a method in, methods
 * to send out, or a typed exception.
 *
 * <pre>
 *   client  "AMQP" 0 0 9 1        start-ok                    tune-ok  open
 *   server                  start           (secure ...) tune                open-ok
 *   state       STARTING      |         TUNING             |     OPENING       |  OPEN
 * </pre>
 *
 * A close before tune is a refused login, one after it a refused virtual host. Not thread-safe.
 */
final class Handshake {
    private enum State {
        STARTING("connection.start"),
        TUNING("connection.tune"),
        OPENING("connection.open-ok"),
        OPEN("nothing");

        private final String awaited;

        State(String awaited) {
            this.awaited = awaited;
        }
    }

    private final Address address;
    private final ConnectionOptions options;
    private final @Nullable Credentials credentials;

    private State state = State.STARTING;
    private boolean challenged;
    private Map<String, Object> serverProperties = Map.of();
    private @Nullable TuneParameters tuning;

    /** Credentials are null for a mechanism that needs none. */
    Handshake(Address address, ConnectionOptions options, @Nullable Credentials credentials) {
        this.address = address;
        this.options = options;
        this.credentials = credentials;
    }

    /** Takes the broker's next method and returns what to send. */
    List<Method> received(Method method) {
        if (method instanceof ConnectionMethods.Close close) {
            throw closed(close);
        }
        return switch (state) {
            case STARTING -> started(expect(ConnectionMethods.Start.class, method));
            case TUNING ->
                method instanceof ConnectionMethods.Secure
                        ? challenged()
                        : tuned(expect(ConnectionMethods.Tune.class, method));
            case OPENING -> {
                expect(ConnectionMethods.OpenOk.class, method);
                state = State.OPEN;
                yield List.of();
            }
            case OPEN -> throw new IllegalStateException("state: OPEN (event: " + method.methodName() + ")");
        };
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isAtStart() {
        return state == State.STARTING;
    }

    /** What the broker has still to send, for the message of a time-out. */
    String awaited() {
        return state.awaited;
    }

    Map<String, Object> serverProperties() {
        return serverProperties;
    }

    /** What was agreed on; only after tune. */
    TuneParameters tuning() {
        if (tuning == null) {
            throw new IllegalStateException("state: " + state + " (event: tuning)");
        }
        return tuning;
    }

    /** What it means when the connection is lost now. */
    AmqpException lost(@Nullable Throwable cause) {
        boolean wouldExplain = serverCapability("authentication_failure_close");
        if (state == State.TUNING && !wouldExplain) {
            return new AuthenticationFailedException(
                    "connection closed by " + address + " during the login" + user()
                            + " (check user name, password and SASL mechanism: "
                            + "this broker does not say that it refused them)",
                    cause,
                    true);
        }
        String hint = state == State.STARTING && !options.tls()
                ? " (if this port speaks TLS, use amqps://; if not, check that it is a broker's)"
                : "";
        return new ConnectFailedException(
                "connection closed by " + address + " while waiting for " + state.awaited + hint, cause, true);
    }

    private List<Method> started(ConnectionMethods.Start start) {
        if (start.versionMajor() != 0 || start.versionMinor() != 9) {
            throw new AmqpProtocolException(
                    "AMQP version of " + address + ": " + start.versionMajor() + "-" + start.versionMinor()
                            + " (expected: 0-9)",
                    ReplyCode.NOT_IMPLEMENTED,
                    null);
        }
        serverProperties = start.serverProperties();
        String offered = start.mechanisms().toString();
        String mechanism = options.saslMechanism();
        if (!Arrays.asList(offered.split(" ", -1)).contains(mechanism)) {
            throw new AuthenticationFailedException(
                    "saslMechanism: " + mechanism + " (expected: one that " + address + " offers: " + offered + ")",
                    null);
        }
        state = State.TUNING;
        return List.of(new ConnectionMethods.StartOk(
                ClientProperties.of(options), mechanism, Sasl.response(mechanism, credentials), "en_US"));
    }

    /** No mechanism of ours has a second step, but a broker may ask for the first one again. */
    private List<Method> challenged() {
        if (challenged) {
            throw new AuthenticationFailedException(
                    "saslMechanism: " + options.saslMechanism() + " (expected: a mechanism of one step, but " + address
                            + " asks for more)",
                    null);
        }
        challenged = true;
        return List.of(new ConnectionMethods.SecureOk(Sasl.response(options.saslMechanism(), credentials)));
    }

    private List<Method> tuned(ConnectionMethods.Tune tune) {
        tuning = TuneParameters.negotiate(tune, options);
        state = State.OPENING;
        return List.of(tuning.tuneOk(), new ConnectionMethods.Open(options.virtualHost()));
    }

    private AmqpException closed(ConnectionMethods.Close close) {
        int code = close.replyCode();
        String words = code + " " + close.replyText();
        boolean refused = code == ReplyCode.ACCESS_REFUSED.code() || code == ReplyCode.NOT_ALLOWED.code();
        if (state == State.TUNING && refused) {
            return new AuthenticationFailedException(
                    "login" + user() + " refused by " + address + ": " + words, null, code);
        }
        String what = state == State.OPENING
                ? "virtual host '" + options.virtualHost() + "' not opened by "
                : "connection refused by ";
        return new ConnectFailedException(
                what + address + ": " + words, null, code, AmqpConnectionException.Initiator.BROKER, mayPass(code));
    }

    /** A broker that starts, stops or lacks something answers so (RabbitMQ: 541 while a virtual host is down). */
    private static boolean mayPass(int code) {
        return code == ReplyCode.CONNECTION_FORCED.code()
                || code == ReplyCode.RESOURCE_ERROR.code()
                || code == ReplyCode.INTERNAL_ERROR.code();
    }

    private <T extends Method> T expect(Class<T> type, Method method) {
        if (!type.isInstance(method)) {
            throw new AmqpProtocolException(
                    "method from " + address + ": " + method.methodName() + " (expected: " + state.awaited + ")",
                    ReplyCode.COMMAND_INVALID,
                    null);
        }
        return type.cast(method);
    }

    private boolean serverCapability(String name) {
        return serverProperties.get("capabilities") instanceof Map<?, ?> names && Boolean.TRUE.equals(names.get(name));
    }

    private String user() {
        return credentials == null ? "" : " of user '" + credentials.username() + "'";
    }
}
