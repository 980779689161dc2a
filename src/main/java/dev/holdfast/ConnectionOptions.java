package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.SerializerRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the broker is and how a connection to it behaves. Immutable and thread-safe: every wither returns a copy and
 * refuses a wrong value at once with {@link IllegalArgumentException}.
 *
 * <pre>{@code
 * ConnectionOptions options = ConnectionOptions.parse("amqps://app:secret@mq1,mq2/orders?heartbeat=30")
 *         .connectionName("billing")
 *         .connectTimeout(Duration.ofSeconds(5));
 * }</pre>
 */
public final class ConnectionOptions {
    private static final int MAX_WINDOW = 1 << 24;
    private static final ConnectionOptions DEFAULTS = new ConnectionOptions(new ConnectionSettings());

    /** Never changed once a ConnectionOptions holds it: its final field publishes it safely to other threads. */
    private final ConnectionSettings settings;

    private ConnectionOptions(ConnectionSettings settings) {
        this.settings = settings;
    }

    /** Returns the defaults: a broker on localhost:5672, user guest, virtual host {@code /}. */
    public static ConnectionOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Returns the options that a URI names: {@code amqp[s]://user:password@host:port,host:port/vhost?key=value}.
     *
     * <p>What is absent is the default. User name, password, host and virtual host are percent-decoded. An absent path
     * and {@code /} both mean the virtual host {@code /}; else one slash is taken off: {@code /orders} is
     * {@code orders}, {@code /%2f} and {@code //} are {@code /}. Several brokers are separated by commas, or, as in
     * Kombu, whole URIs (or bare {@code host:port}) by semicolons, the later ones with the same credentials, virtual
     * host and parameters as the first or with none.
     *
     * <p>Parameters: {@code heartbeat} (seconds), {@code connection_timeout} (milliseconds) or {@code connect_timeout} (seconds),
     * {@code channel_max}, {@code frame_max} (bytes), {@code auth_mechanism} or {@code login_method}, {@code name} (the
     * connection's), {@code failover_strategy} ({@code round-robin} or {@code shuffle}), {@code confirms} and {@code ssl}
     * (0 or 1). With TLS only: {@code cacertfile} (a PEM file of those to trust, and no others), {@code certfile} and
     * {@code keyfile} (PEM files of the client certificate and its key, both or none) and {@code verify}
     * ({@code verify_peer}, the default, or {@code verify_none}), as {@link TlsOptions#trust}, {@link
     * TlsOptions#certificate(Path, Path)} and {@link TlsOptions#verifyPeer(boolean)} have it. Each may be given once, under
     * one of its names. The scheme {@code pyamqp} is Kombu's name for {@code amqp}.
     *
     * @throws IllegalArgumentException if the URI is malformed or has an unknown parameter or a wrong value; the
     *     message never shows the password
     */
    public static ConnectionOptions parse(String uri) {
        ConnectionUri parsed = ConnectionUri.parse(requireNonNull(uri, "uri"));
        return DEFAULTS.with(parsed::applyTo);
    }

    /**
     * Returns the options that several URIs name, the first one whole, the later ones with the same credentials, virtual
     * host and parameters or none, or bare {@code host:port}. Throws as {@link #parse(String)}.
     */
    public static ConnectionOptions parse(List<String> uris) {
        return parse(String.join(";", uris));
    }

    /** Returns these options as a URI, the password masked, for logs; user info from a supplier is left out. */
    public String asUri() {
        return ConnectionUri.format(settings.tls, addresses(), settings.fixedUsername(), settings.virtualHost);
    }

    private ConnectionOptions with(Consumer<ConnectionSettings> change) {
        ConnectionSettings copy = settings.copy();
        change.accept(copy);
        return new ConnectionOptions(copy);
    }

    /** Returns the brokers in the order they are tried, with the port of the protocol where none was set. */
    public List<Address> addresses() {
        return settings.resolvedAddresses();
    }

    /** Replaces the brokers; default {@code localhost}. Each is tried once per round. */
    public ConnectionOptions addresses(List<Address> addresses) {
        return with(s -> s.addresses(addresses));
    }

    /** Returns the order in which a round tries the brokers. */
    public Failover failover() {
        return settings.failover;
    }

    /** Sets the order in which a round tries the brokers; default {@link Failover#ROUND_ROBIN}. */
    public ConnectionOptions failover(Failover failover) {
        return with(s -> s.failover = requireNonNull(failover, "failover"));
    }

    /** Replaces the brokers by the given one. */
    public ConnectionOptions address(String host, int port) {
        return addresses(List.of(new Address(host, port)));
    }

    /** Returns what is asked for the credentials, once per connect. */
    public Supplier<Credentials> credentials() {
        return settings.credentials;
    }

    /**
     * Sets what is asked for the credentials, once per connect, so that a rotated password or token is taken up;
     * default guest and guest. It is called on a thread that may block; what it throws fails that connect.
     */
    public ConnectionOptions credentials(Supplier<Credentials> credentials) {
        return with(s -> s.credentials = requireNonNull(credentials, "credentials"));
    }

    /** Sets fixed credentials. */
    public ConnectionOptions credentials(String username, String password) {
        return credentials(new ConnectionSettings.Fixed(new Credentials(username, password)));
    }

    /** Sets the user name and keeps the password; refused when the credentials come from a supplier. */
    public ConnectionOptions username(String username) {
        return with(s -> s.username(username));
    }

    /** Sets the password and keeps the user name; refused when the credentials come from a supplier. */
    public ConnectionOptions password(String password) {
        return with(s -> s.password(password));
    }

    @Nullable
    String fixedUsername() {
        return settings.fixedUsername();
    }

    /** Returns the virtual host. */
    public String virtualHost() {
        return settings.virtualHost;
    }

    /** Sets the virtual host; default {@code /}. */
    public ConnectionOptions virtualHost(String virtualHost) {
        return with(s -> s.virtualHost(virtualHost));
    }

    /** Tells whether the connection is encrypted. */
    public boolean tls() {
        return settings.tls;
    }

    /** Switches TLS; default off. It also decides the port of an address that has none. */
    public ConnectionOptions tls(boolean tls) {
        return with(s -> s.tls = tls);
    }

    /** Returns what TLS trusts and shows, where it is on. */
    public TlsOptions tlsOptions() {
        return settings.tlsOptions;
    }

    /** Sets what TLS trusts and shows, and switches it on; default {@link TlsOptions#defaults()}. */
    public ConnectionOptions tls(TlsOptions tlsOptions) {
        requireNonNull(tlsOptions, "tlsOptions");
        return with(s -> {
            s.tlsOptions = tlsOptions;
            s.tls = true;
        });
    }

    /** Returns the SASL mechanism. */
    public String saslMechanism() {
        return settings.saslMechanism;
    }

    /** Sets the SASL mechanism: PLAIN (the default), AMQPLAIN, or EXTERNAL for a TLS client certificate. */
    public ConnectionOptions saslMechanism(String saslMechanism) {
        return with(s -> s.saslMechanism(saslMechanism));
    }

    /** Returns how long one address may take: TCP, TLS and AMQP handshake together. */
    public Duration connectTimeout() {
        return settings.connectTimeout;
    }

    /** Sets how long one address may take: TCP, TLS and AMQP handshake together; default 10 s. */
    public ConnectionOptions connectTimeout(Duration connectTimeout) {
        return with(s -> s.connectTimeout = Arguments.positive("connectTimeout", connectTimeout));
    }

    /** Returns how long a call such as queue.declare waits for its answer. */
    public Duration rpcTimeout() {
        return settings.rpcTimeout;
    }

    /** Sets how long a call such as queue.declare waits for its answer; default 30 s. */
    public ConnectionOptions rpcTimeout(Duration rpcTimeout) {
        return with(s -> s.rpcTimeout = Arguments.positive("rpcTimeout", rpcTimeout));
    }

    /** Returns how long one attempt of a publish waits for its confirm. */
    public Duration confirmTimeout() {
        return settings.confirmTimeout;
    }

    /**
     * Sets how long one attempt of a publish waits for its confirm, unless the publish says otherwise; default 30 s.
     */
    public ConnectionOptions confirmTimeout(Duration confirmTimeout) {
        return with(s -> s.confirmTimeout = Arguments.positive("confirmTimeout", confirmTimeout));
    }

    /** Returns how long a close without an argument may take. */
    public Duration closeTimeout() {
        return settings.closeTimeout;
    }

    /** Sets how long a close without an argument may take, draining included; default 10 s. */
    public ConnectionOptions closeTimeout(Duration closeTimeout) {
        return with(s -> s.closeTimeout = Arguments.positive("closeTimeout", closeTimeout));
    }

    /** Returns the heartbeat interval wished for; zero is off. */
    public Duration heartbeat() {
        return settings.heartbeat;
    }

    /**
     * Sets the heartbeat interval wished for, in whole seconds up to 65535; zero is off; default 60 s. The smaller wish
     * of both sides wins. A peer that is silent for two intervals is given up.
     */
    public ConnectionOptions heartbeat(Duration heartbeat) {
        return with(s -> s.heartbeat(heartbeat));
    }

    /** Returns the largest frame wished for, in bytes; 0 is no limit. */
    public int frameMax() {
        return settings.frameMax;
    }

    /** Sets the largest frame wished for, in bytes, 4096 or more; 0 leaves it to the broker; default 131072. */
    public ConnectionOptions frameMax(int frameMax) {
        return with(s -> s.frameMax(frameMax));
    }

    /** Returns the highest channel number wished for; 0 is no limit. */
    public int channelMax() {
        return settings.channelMax;
    }

    /** Sets the highest channel number wished for, up to 65535; 0 leaves it to the broker; default 2047. */
    public ConnectionOptions channelMax(int channelMax) {
        return with(s -> s.channelMax(channelMax));
    }

    /** Tells whether a publish is done only when the broker has confirmed it. */
    public boolean confirms() {
        return settings.confirms;
    }

    /**
     * Switches publisher confirms; default on. Without them a publish is done when its last byte was handed to the
     * transport, and nothing is sent again after that.
     */
    public ConnectionOptions confirms(boolean confirms) {
        return with(s -> s.confirms = confirms);
    }

    /** Returns how many messages may await their confirm. */
    public int maxUnconfirmed() {
        return settings.maxUnconfirmed;
    }

    /**
     * Sets how many messages may await their confirm before publishers wait, 1 to 16777216; default 10000. While they do, on
     * a connection without consumers, what the broker sends is read in larger portions: up to a millisecond late.
     */
    public ConnectionOptions maxUnconfirmed(int maxUnconfirmed) {
        return with(s -> s.maxUnconfirmed = Arguments.range("maxUnconfirmed", maxUnconfirmed, 1, MAX_WINDOW));
    }

    /** Returns how many bytes of send buffer unconfirmed messages may hold. */
    public long maxUnconfirmedBytes() {
        return settings.maxUnconfirmedBytes;
    }

    /**
     * Sets how many bytes of send buffer unconfirmed messages may hold before publishers wait; default 64 MiB. A
     * message larger than this is admitted alone; what {@link Channel#publish} sends may hold 128 KiB in any case.
     */
    public ConnectionOptions maxUnconfirmedBytes(long maxUnconfirmedBytes) {
        return with(s -> s.maxUnconfirmedBytes = Arguments.atLeast("maxUnconfirmedBytes", maxUnconfirmedBytes, 1));
    }

    /** Returns the largest message accepted from the broker, in bytes of body. */
    public int maxInboundMessageSize() {
        return settings.maxInboundMessageSize;
    }

    /**
     * Sets the largest message accepted from the broker, in bytes of body; default 128 MiB. A larger one closes the
     * connection.
     */
    public ConnectionOptions maxInboundMessageSize(int maxInboundMessageSize) {
        Arguments.range("maxInboundMessageSize", maxInboundMessageSize, 1, Integer.MAX_VALUE);
        return with(s -> s.maxInboundMessageSize = maxInboundMessageSize);
    }

    /** Returns how many bytes of deliveries may wait for their handlers. */
    public long maxDeliveryBacklogBytes() {
        return settings.maxDeliveryBacklogBytes;
    }

    /**
     * Sets how many bytes of deliveries may wait for their handlers, bodies and 128 bytes for each; default 64 MiB. Beyond
     * that the connection is not read until half of it is handled, its other consumers included, and a peer that dies
     * meanwhile is not noticed. Reading goes on, whatever waits, while a call, a publish or a close awaits the broker's answer.
     * Reached by consumers with {@link ConsumeOptions#noAck}, by a prefetch of more than these bytes, and by one larger message.
     */
    public ConnectionOptions maxDeliveryBacklogBytes(long maxDeliveryBacklogBytes) {
        Arguments.atLeast("maxDeliveryBacklogBytes", maxDeliveryBacklogBytes, 1);
        return with(s -> s.maxDeliveryBacklogBytes = maxDeliveryBacklogBytes);
    }

    /** Returns the name of the connection that the broker shows, null for none. */
    public @Nullable String connectionName() {
        return settings.connectionName;
    }

    /**
     * Sets the name of the connection that the broker shows (client property {@code connection_name}); default null.
     */
    public ConnectionOptions connectionName(@Nullable String connectionName) {
        return with(s -> s.connectionName = connectionName);
    }

    /** Returns the client properties added to the library's own. */
    public Map<String, Object> clientProperties() {
        return settings.clientProperties;
    }

    /** Sets client properties that are added to the library's own and win over them; default none. Copied. */
    public ConnectionOptions clientProperties(Map<String, ?> clientProperties) {
        return with(s -> s.clientProperties = Arguments.table("clientProperties", clientProperties));
    }

    /** Returns the pause after the first failed round of reconnecting. */
    public Duration reconnectDelayMin() {
        return settings.reconnectDelayMin;
    }

    /** Returns the longest pause between two rounds of reconnecting. */
    public Duration reconnectDelayMax() {
        return settings.reconnectDelayMax;
    }

    /**
     * Sets the pauses between rounds of reconnecting: the first, doubled (with jitter) after each failed round, up to
     * the longest; default 100 ms and 10 s.
     */
    public ConnectionOptions reconnectBackoff(Duration min, Duration max) {
        return with(s -> s.reconnectBackoff(min, max));
    }

    /** Returns where futures complete, null for the I/O thread. */
    public @Nullable Executor completionExecutor() {
        return settings.completionExecutor;
    }

    /** Sets where futures complete; default null, the I/O thread: do not block there. */
    public ConnectionOptions completionExecutor(@Nullable Executor completionExecutor) {
        return with(s -> s.completionExecutor = completionExecutor);
    }

    /** Returns where deliveries are handled, null for one thread of the connection's own. */
    public @Nullable Executor deliveryExecutor() {
        return settings.deliveryExecutor;
    }

    /** Sets where deliveries are handled, in order per consumer; default null, one thread of the connection's own. */
    public ConnectionOptions deliveryExecutor(@Nullable Executor deliveryExecutor) {
        return with(s -> s.deliveryExecutor = deliveryExecutor);
    }

    /** Tells whether every frame is logged. */
    public boolean frameLog() {
        return settings.frameLog;
    }

    /** Switches the log of every frame, a line each, secrets masked; default off. */
    public ConnectionOptions frameLog(boolean frameLog) {
        return with(s -> s.frameLog = frameLog);
    }

    /** Returns the transport. */
    public Transport transport() {
        return settings.transport;
    }

    /** Sets the transport; default {@link Transport#AUTO}. */
    public ConnectionOptions transport(Transport transport) {
        return with(s -> s.transport = requireNonNull(transport, "transport"));
    }

    /** Returns what is told of every returned message, null for nothing. */
    public @Nullable Consumer<ReturnedMessage> onReturn() {
        return settings.onReturn;
    }

    /**
     * Sets what is told of every returned message, besides the publish that it ends; default null. Runs on {@link
     * #deliveryExecutor()}.
     */
    public ConnectionOptions onReturn(@Nullable Consumer<ReturnedMessage> onReturn) {
        return with(s -> s.onReturn = onReturn);
    }

    /** Returns what hears of links, blocks, retries and slow confirms, null for nothing. */
    public @Nullable ConnectionListener listener() {
        return settings.listener;
    }

    /** Sets what hears of links, blocks, retries and slow confirms; default null. */
    public ConnectionOptions listener(@Nullable ConnectionListener listener) {
        return with(s -> s.listener = listener);
    }

    /** Returns from when on a confirm is slow. */
    public Duration slowConfirm() {
        return settings.slowConfirm;
    }

    /** Sets from when on a confirm is slow, for listener and Flight Recorder; default 1 s. */
    public ConnectionOptions slowConfirm(Duration slowConfirm) {
        return with(s -> s.slowConfirm = Arguments.positive("slowConfirm", slowConfirm));
    }

    /** Returns the serializers that publishes and consumers choose from. */
    public SerializerRegistry serializers() {
        return settings.serializers;
    }

    /** Sets the serializers that publishes and consumers choose from; default {@link SerializerRegistry#standard()}. */
    public ConnectionOptions serializers(SerializerRegistry serializers) {
        return with(s -> s.serializers = requireNonNull(serializers, "serializers"));
    }

    /** Returns the compressors that publishes and consumers choose from. */
    public CompressorRegistry compressors() {
        return settings.compressors;
    }

    /** Sets the compressors that publishes and consumers choose from; default {@link CompressorRegistry#standard()}. */
    public ConnectionOptions compressors(CompressorRegistry compressors) {
        return with(s -> s.compressors = requireNonNull(compressors, "compressors"));
    }

    /** Compares all settings; what is code (suppliers, executors, listeners, registries, TLS context) by its own equality. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConnectionOptions that && settings.values().equals(that.settings.values());
    }

    @Override
    public int hashCode() {
        return settings.values().hashCode();
    }

    /** Returns the URI with the password masked, and the options that matter most for an error report. */
    @Override
    public String toString() {
        return "ConnectionOptions{" + asUri() + settings + "}";
    }
}
