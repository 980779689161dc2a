package dev.holdfast.internal.transport;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.wire.LongString;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * State machine of the AMQP handshake (AMQP 0-9-1, section 2.2.4), without I/O: takes a received method and returns the
 * methods to send, or throws a typed exception.
 *
 * <pre>
 *   client  "AMQP" 0 0 9 1        start-ok                    tune-ok  open
 *   server                  start           (secure ...) tune                open-ok
 *   state       STARTING      |         TUNING             |     OPENING       |  OPEN
 * </pre>
 *
 * connection.close in state TUNING means a refused login, in state OPENING a refused virtual host. Not thread-safe.
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

    private static final int FRAME_MAX_OF_RABBITMQ_4 = 8192;

    private final ConnectTarget target;
    private final ConnectionOptions options;
    private final @Nullable Credentials credentials;

    private State state = State.STARTING;
    private int loginBytes;
    private int credentialBytes;
    private boolean challenged;
    private Map<String, Object> serverProperties = Map.of();
    private @Nullable TuneParameters tuneParameters;

    /** @param credentials null for a mechanism that needs none */
    Handshake(ConnectTarget target, ConnectionOptions options, @Nullable Credentials credentials) {
        this.target = target;
        this.options = options;
        this.credentials = credentials;
    }

    /** Processes the next method of the broker and returns the methods to send. */
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

    /** The method that the broker sends next, for the message of a timeout. */
    String awaited() {
        return state.awaited;
    }

    Map<String, Object> serverProperties() {
        return serverProperties;
    }

    /** The negotiated parameters; only after tune. */
    TuneParameters tuneParameters() {
        if (tuneParameters == null) {
            throw new IllegalStateException("state: " + state + " (event: tuneParameters)");
        }
        return tuneParameters;
    }

    /** connection.start-ok is sent, with this size and this size of the credentials in it. */
    void loginSize(int bytes, int secretBytes) {
        loginBytes = bytes;
        credentialBytes = secretBytes;
    }

    /** Returns how much of the login is credentials. */
    String loginSizeHint() {
        return loginBytes == 0 ? "" : ", " + credentialBytes + " of them credentials";
    }

    /** The exception for a connection that is lost in the current state. */
    AmqpException lost(@Nullable Throwable cause) {
        boolean large = loginBytes > FrameFormat.MIN_FRAME_MAX;
        if (state == State.TUNING && (large || !serverCapability("authentication_failure_close"))) {
            String hint = large
                    ? "start-ok has " + loginBytes + " bytes" + loginSizeHint() + ": every broker takes "
                            + FrameFormat.MIN_FRAME_MAX + ", RabbitMQ 8192 since 4.1, see its initial_frame_max"
                    : "check user name, password and SASL mechanism: this broker does not report a refused login";
            return new AuthenticationFailedException(
                    "connection closed by " + target + " during the login" + userSuffix() + " (" + hint + ")",
                    cause,
                    true);
        }
        return new ConnectFailedException(
                "connection closed by " + target + " while waiting for " + state.awaited + lossHint(), cause, true);
    }

    private String lossHint() {
        if (state == State.STARTING && !options.tls()) {
            return " (if this port speaks TLS, use amqps://; if not, check that a broker listens on it)";
        }
        if (state == State.OPENING && tuneParameters().frameMax() < FRAME_MAX_OF_RABBITMQ_4) {
            return " (frameMax: " + tuneParameters().frameMax()
                    + ", which may be below the broker's minimum: RabbitMQ 4 requires " + FRAME_MAX_OF_RABBITMQ_4
                    + " and closes the connection otherwise)";
        }
        return "";
    }

    private List<Method> started(ConnectionMethods.Start start) {
        if (start.versionMajor() != 0 || start.versionMinor() != 9) {
            throw new AmqpProtocolException(
                    "AMQP version of " + target + ": " + start.versionMajor() + "-" + start.versionMinor()
                            + " (expected: 0-9)",
                    ReplyCode.NOT_IMPLEMENTED,
                    null);
        }
        serverProperties = start.serverProperties();
        String offered = start.mechanisms().toString();
        String mechanism = options.saslMechanism();
        if (!Arrays.asList(offered.split(" ", -1)).contains(mechanism)) {
            throw new AuthenticationFailedException(
                    "saslMechanism: " + mechanism + " (expected: one that " + target + " offers: " + offered + ")",
                    null);
        }
        state = State.TUNING;
        LongString response = Sasl.response(mechanism, credentials);
        return List.of(new ConnectionMethods.StartOk(
                ClientProperties.of(options, response.length()), mechanism, response, "en_US"));
    }

    /** No supported mechanism has a second step, but a broker may request the first response again. */
    private List<Method> challenged() {
        if (challenged) {
            throw new AuthenticationFailedException(
                    "saslMechanism: " + options.saslMechanism() + " (expected: a mechanism of one step, but " + target
                            + " sent a second challenge)",
                    null);
        }
        challenged = true;
        return List.of(new ConnectionMethods.SecureOk(Sasl.response(options.saslMechanism(), credentials)));
    }

    private List<Method> tuned(ConnectionMethods.Tune tune) {
        tuneParameters = TuneParameters.negotiate(tune, options);
        state = State.OPENING;
        return List.of(tuneParameters.tuneOk(), new ConnectionMethods.Open(options.virtualHost()));
    }

    private AmqpException closed(ConnectionMethods.Close close) {
        int code = close.replyCode();
        String reply = code + " " + close.replyText();
        boolean refused = code == ReplyCode.ACCESS_REFUSED.code() || code == ReplyCode.NOT_ALLOWED.code();
        if (state == State.TUNING && refused) {
            return new AuthenticationFailedException(
                    "login" + userSuffix() + " refused by " + target + ": " + reply, null, code);
        }
        String prefix = state == State.OPENING
                ? "virtual host '" + options.virtualHost() + "' not opened by "
                : "connection refused by ";
        return new ConnectFailedException(
                prefix + target + ": " + reply,
                null,
                code,
                AmqpConnectionException.Initiator.BROKER,
                isTransient(code));
    }

    /** Codes of a broker that starts, stops or lacks resources (RabbitMQ: 541 while a virtual host is down). */
    private static boolean isTransient(int code) {
        return code == ReplyCode.CONNECTION_FORCED.code()
                || code == ReplyCode.RESOURCE_ERROR.code()
                || code == ReplyCode.INTERNAL_ERROR.code();
    }

    private <T extends Method> T expect(Class<T> type, Method method) {
        if (!type.isInstance(method)) {
            throw new AmqpProtocolException(
                    "method from " + target + ": " + method.methodName() + " (expected: " + state.awaited + ")",
                    ReplyCode.COMMAND_INVALID,
                    null);
        }
        return type.cast(method);
    }

    private boolean serverCapability(String name) {
        return serverProperties.get("capabilities") instanceof Map<?, ?> capabilities
                && Boolean.TRUE.equals(capabilities.get(name));
    }

    private String userSuffix() {
        return credentials == null ? "" : " of user '" + credentials.username() + "'";
    }
}
