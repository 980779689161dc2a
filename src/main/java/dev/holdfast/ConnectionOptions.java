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
 * The brokers' addresses, the credentials and the settings of a connection. Immutable and thread-safe: each wither
 * returns a copy, and throws {@link IllegalArgumentException} for an invalid value. A duration is above 0 and at most
 * 3650 days, unless its wither says otherwise.
 */
public final class ConnectionOptions {
    private static final ConnectionOptions DEFAULTS = new ConnectionOptions(new ConnectionSettings());

    /** Not changed after construction of this object: its final field publishes it safely to other threads. */
    final ConnectionSettings settings;

    private ConnectionOptions(ConnectionSettings settings) {
        this.settings = settings;
    }

    /** Returns the defaults: a broker on localhost:5672, user guest, virtual host {@code /}. */
    public static ConnectionOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Parses a URI of the form {@code amqp[s]://user:password@host:port,host:port/vhost?key=value}.
     *
     * <p>An absent part has its default. User name, password, host and virtual host are percent-decoded. An absent path
     * and {@code /} both mean the virtual host {@code /}; otherwise the first slash is removed: {@code /orders} is
     * {@code orders}, {@code /%2f} and {@code //} are {@code /}. Commas separate several brokers. As in Kombu,
     * semicolons separate several URIs; each URI after the first may be a bare {@code host:port}, and has the
     * credentials, virtual host and parameters of the first, or none. {@code pyamqp} is Kombu's name of the scheme.
     *
     * <p>Parameters, each at most once and under one of its names:
     *
     * <ul>
     *   <li>{@code heartbeat} (seconds), {@code channel_max}, {@code frame_max} (bytes), {@code name} (connection name)
     *   <li>{@code connection_timeout} (milliseconds) or Kombu's {@code connect_timeout} (seconds)
     *   <li>{@code auth_mechanism} or Kombu's {@code login_method}; {@code confirms}, {@code ssl}: 0 or 1; {@code
     *       failover_strategy}: {@code round-robin} or {@code shuffle}
     *   <li>with TLS only: {@code cacertfile}, a PEM file as in {@link TlsOptions#trust(Path)}; {@code certfile} and
     *       {@code keyfile}, both or none, PEM files as in {@link TlsOptions#certificate(Path, Path)}; {@code verify},
     *       {@code verify_peer} (the default) or {@code verify_none}, as {@link TlsOptions#verifyPeer(boolean)}
     * </ul>
     *
     * @throws IllegalArgumentException if the URI is invalid; the message never contains the password
     */
    public static ConnectionOptions parse(String uri) {
        return DEFAULTS.with(ConnectionUri.parse(requireNonNull(uri, "uri"))::applyTo);
    }

    /** Parses several URIs as {@link #parse(String)} does, which separates them by semicolons. Throws likewise. */
    public static ConnectionOptions parse(List<String> uris) {
        return parse(String.join(";", uris));
    }

    /** Returns these options as a URI for logs. The password is masked; user info from a supplier is omitted. */
    public String asUri() {
        return ConnectionUri.format(settings.tls, addresses(), settings.fixedUsername(), settings.virtualHost);
    }

    private ConnectionOptions with(Consumer<ConnectionSettings> change) {
        return new ConnectionOptions(settings.changed(change));
    }

    /** Returns the addresses of the brokers in the order given; a port of 0 is replaced by the protocol's port. */
    public List<Address> addresses() {
        return settings.resolvedAddresses();
    }

    /** Replaces the addresses of the brokers, one or more; default {@code localhost}. See {@link Failover}. */
    public ConnectionOptions addresses(List<Address> addresses) {
        return with(s -> s.addresses(addresses));
    }

    /** Returns the order in which a connect round tries the brokers. */
    public Failover failover() {
        return settings.failover;
    }

    /** Sets the order in which a connect round tries the brokers; default {@link Failover#ROUND_ROBIN}. */
    public ConnectionOptions failover(Failover failover) {
        return with(s -> s.failover = requireNonNull(failover, "failover"));
    }

    /** Replaces the addresses by this one; port 0 is the protocol's port. */
    public ConnectionOptions address(String host, int port) {
        return addresses(List.of(new Address(host, port)));
    }

    /** Returns the supplier of the credentials, called once per connect round. */
    public Supplier<Credentials> credentials() {
        return settings.credentials;
    }

    /**
     * Sets the supplier of the credentials; default user name guest, password guest. It is called once per round over
     * the addresses, on a thread that may block. An exception of the supplier fails that round. The thread is
     * interrupted after {@link #connectTimeout()} and when the connection is closed. A supplier that ignores the
     * interrupt keeps its thread and is not called again before it returns; connects fail until then.
     */
    public ConnectionOptions credentials(Supplier<Credentials> credentials) {
        return with(s -> s.credentials = requireNonNull(credentials, "credentials"));
    }

    /** Sets fixed credentials. */
    public ConnectionOptions credentials(String username, String password) {
        return credentials(new ConnectionSettings.Fixed(new Credentials(username, password)));
    }

    /** Sets the user name, keeps the password; throws {@link IllegalStateException} if a supplier has been set. */
    public ConnectionOptions username(String username) {
        return with(s -> s.username(username));
    }

    /** Sets the password, keeps the user name; throws {@link IllegalStateException} if a supplier has been set. */
    public ConnectionOptions password(String password) {
        return with(s -> s.password(password));
    }

    /** Returns the virtual host. */
    public String virtualHost() {
        return settings.virtualHost;
    }

    /** Sets the virtual host, at most 255 bytes of UTF-8; default {@code /}. */
    public ConnectionOptions virtualHost(String virtualHost) {
        return with(s -> s.virtualHost(virtualHost));
    }

    /** Returns whether the connection uses TLS. */
    public boolean tls() {
        return settings.tls;
    }

    /** Sets whether the connection uses TLS; default false. Port 0 of an address becomes 5671 with TLS, else 5672. */
    public ConnectionOptions tls(boolean tls) {
        return with(s -> s.tls = tls);
    }

    /** Returns the settings of TLS, used if {@link #tls()} is true. */
    public TlsOptions tlsOptions() {
        return settings.tlsOptions;
    }

    /** Sets the settings of TLS and enables it; default {@link TlsOptions#defaults()}. */
    public ConnectionOptions tls(TlsOptions tlsOptions) {
        return with(s -> s.tls(requireNonNull(tlsOptions, "tlsOptions")));
    }

    /** Returns the SASL mechanism. */
    public String saslMechanism() {
        return settings.saslMechanism;
    }

    /** Sets the SASL mechanism: PLAIN (the default), AMQPLAIN, or EXTERNAL for a TLS client certificate. Any case. */
    public ConnectionOptions saslMechanism(String saslMechanism) {
        return with(s -> s.saslMechanism(saslMechanism));
    }

    /** Returns the time limit of the connect to one IP address: TCP, TLS and AMQP handshake together. */
    public Duration connectTimeout() {
        return settings.connectTimeout;
    }

    /** Sets the time limit of the connect to one IP address, and that of each lookup before; default 10 s. */
    public ConnectionOptions connectTimeout(Duration connectTimeout) {
        return with(s -> s.connectTimeout = Arguments.positive("connectTimeout", connectTimeout));
    }

    /** Returns how long a call such as queue.declare waits for its reply. */
    public Duration rpcTimeout() {
        return settings.rpcTimeout;
    }

    /** Sets how long a call such as queue.declare waits for its reply; default 30 s. */
    public ConnectionOptions rpcTimeout(Duration rpcTimeout) {
        return with(s -> s.rpcTimeout = Arguments.positive("rpcTimeout", rpcTimeout));
    }

    /** Returns how long one attempt of a publish waits for its confirm. */
    public Duration confirmTimeout() {
        return settings.confirmTimeout;
    }

    /**
     * Sets how long one attempt of a publish waits for its confirm; default 30 s. {@link
     * PublishOptions#confirmTimeout(Duration)} overrides it, and says what counts.
     */
    public ConnectionOptions confirmTimeout(Duration confirmTimeout) {
        return with(s -> s.confirmTimeout = Arguments.positive("confirmTimeout", confirmTimeout));
    }

    /** Returns the time limit of a close without an argument. */
    public Duration closeTimeout() {
        return settings.closeTimeout;
    }

    /** Sets the time limit of a close without an argument, draining included; default 10 s. */
    public ConnectionOptions closeTimeout(Duration closeTimeout) {
        return with(s -> s.closeTimeout = Arguments.positive("closeTimeout", closeTimeout));
    }

    /** Returns the heartbeat interval to request; zero disables heartbeats. */
    public Duration heartbeat() {
        return settings.heartbeat;
    }

    /**
     * Sets the heartbeat interval to request, in whole seconds from 0 to 65535; zero disables heartbeats; default 60 s.
     * The smaller request of the two peers is used. The connection is lost if the broker is silent for two intervals.
     */
    public ConnectionOptions heartbeat(Duration heartbeat) {
        return with(s -> s.heartbeat(heartbeat));
    }

    /** Returns the maximum frame size to request, in bytes; 0 is no limit. */
    public int frameMax() {
        return settings.frameMax;
    }

    /** Sets the maximum frame size to request, in bytes, at least 4096; 0 leaves it to the broker; default 131072. */
    public ConnectionOptions frameMax(int frameMax) {
        return with(s -> s.frameMax(frameMax));
    }

    /** Returns the highest channel number to request; 0 is no limit. */
    public int channelMax() {
        return settings.channelMax;
    }

    /** Sets the highest channel number to request, up to 65535; 0 leaves it to the broker; default 2047. */
    public ConnectionOptions channelMax(int channelMax) {
        return with(s -> s.channelMax(channelMax));
    }

    /** Returns whether a publish completes only when the broker has confirmed it. */
    public boolean confirms() {
        return settings.confirms;
    }

    /** Sets whether publishes are confirmed; default true. Without, they complete when passed to the transport. */
    public ConnectionOptions confirms(boolean confirms) {
        return with(s -> s.confirms = confirms);
    }

    /** Returns the maximum number of unconfirmed messages. */
    public int maxUnconfirmed() {
        return settings.maxUnconfirmed;
    }

    /**
     * Sets the maximum number of unconfirmed messages, 1 to 16777216; default 10000. At the maximum publishers wait.
     * While they wait, a connection without consumers coalesces its reads, which delays them by up to 1 ms.
     */
    public ConnectionOptions maxUnconfirmed(int maxUnconfirmed) {
        return with(s -> s.maxUnconfirmed = Arguments.range("maxUnconfirmed", maxUnconfirmed, 1, 1 << 24));
    }

    /** Returns the maximum number of bytes of unconfirmed messages. */
    public long maxUnconfirmedBytes() {
        return settings.maxUnconfirmedBytes;
    }

    /**
     * Sets the maximum number of bytes of unconfirmed messages on all channels, at least 1; default 64 MiB. The send
     * buffer counts, in steps of 64 KiB, and so do messages in the delay before a retry. At the maximum publishers
     * wait in order; a message whose retry delay is over precedes new ones. A larger message is admitted alone. {@link
     * Channel#publish} may always queue 128 KiB.
     */
    public ConnectionOptions maxUnconfirmedBytes(long maxUnconfirmedBytes) {
        return with(s -> s.maxUnconfirmedBytes = Arguments.atLeast("maxUnconfirmedBytes", maxUnconfirmedBytes, 1));
    }

    /** Returns the maximum body size of a message from the broker, in bytes. */
    public int maxInboundMessageSize() {
        return settings.maxInboundMessageSize;
    }

    /**
     * Sets the maximum body size of a message from the broker, in bytes, at least 1; default 128 MiB. A larger body is
     * discarded, as is one that, with the incomplete bodies of other channels, exceeds this size and twice {@link
     * #maxDeliveryBacklogBytes(long)}: the delivery has a {@link Delivery#decodeError()}.
     */
    public ConnectionOptions maxInboundMessageSize(int maxInboundMessageSize) {
        return with(s -> s.maxInboundMessageSize(maxInboundMessageSize));
    }

    /** Returns the maximum backlog of what waits for code of the application, in bytes. */
    public long maxDeliveryBacklogBytes() {
        return settings.maxDeliveryBacklogBytes;
    }

    /**
     * Sets the maximum backlog of deliveries, returned messages and outcomes that wait for code of the application, in
     * bytes, at least 1; default 64 MiB. A message counts its body, 8 times its encoded properties, and 128 bytes.
     * Above the maximum the connection reads only while a call, a publish or a close awaits the broker's reply, until
     * half is handled; above twice the maximum it reads nothing, and a publish that times out says so.
     */
    public ConnectionOptions maxDeliveryBacklogBytes(long maxDeliveryBacklogBytes) {
        return with(s -> s.maxDeliveryBacklogBytes(maxDeliveryBacklogBytes));
    }

    /** Returns the connection name that the broker displays, null for none. */
    public @Nullable String connectionName() {
        return settings.connectionName;
    }

    /** Sets the connection name that the broker displays (client property {@code connection_name}); default null. */
    public ConnectionOptions connectionName(@Nullable String connectionName) {
        return with(s -> s.connectionName(connectionName));
    }

    /** Returns the client properties that extend the library's, unmodifiable. */
    public Map<String, Object> clientProperties() {
        return settings.clientProperties;
    }

    /** Sets client properties that extend the library's and override equal keys; default none. Copied. */
    public ConnectionOptions clientProperties(Map<String, ?> clientProperties) {
        return with(s -> s.clientProperties = Arguments.table("clientProperties", clientProperties));
    }

    /** Returns the delay after the first failed reconnect round. */
    public Duration reconnectDelayMin() {
        return settings.reconnectDelayMin;
    }

    /** Returns the maximum delay between two reconnect rounds. */
    public Duration reconnectDelayMax() {
        return settings.reconnectDelayMax;
    }

    /**
     * Sets the delay between reconnect rounds, and attempts to restore an item: min, doubled (with jitter) after each
     * further failure, up to max; default 100 ms and 10 s.
     */
    public ConnectionOptions reconnectBackoff(Duration min, Duration max) {
        return with(s -> s.reconnectBackoff(min, max));
    }

    /** Returns how long a channel, entity or consumer is tried to be restored. */
    public Duration restoreLimit() {
        return settings.restoreLimit;
    }

    /** Sets how long an item that the broker refuses is tried to be restored; default 5 min; a missing one 10 s. */
    public ConnectionOptions restoreLimit(Duration restoreLimit) {
        return with(s -> s.restoreLimit = Arguments.positive("restoreLimit", restoreLimit));
    }

    /** Returns how long a lost connection is tried to be restored. */
    public Duration reconnectLimit() {
        return settings.reconnectLimit;
    }

    /**
     * Sets how long after its loss a connection is tried to be restored; default 3650 days: no limit. Until then a
     * refusal (login, virtual host, certificate) is retried while a consumer, publish or call waits. At the limit these
     * fail or are cancelled, and the listener gets a cause that is not recoverable. The next call connects again.
     */
    public ConnectionOptions reconnectLimit(Duration reconnectLimit) {
        return with(s -> s.reconnectLimit = Arguments.positive("reconnectLimit", reconnectLimit));
    }

    /** Returns the executor that completes futures, null for the I/O thread. */
    public @Nullable Executor completionExecutor() {
        return settings.completionExecutor;
    }

    /**
     * Sets the executor that completes the futures of publishes and of Async calls, except a close; default null: the
     * I/O thread, where callbacks must not block. Blocking calls do not need it: a callback may make them. If it
     * throws, for instance after its shutdown, the future completes on the I/O thread.
     */
    public ConnectionOptions completionExecutor(@Nullable Executor completionExecutor) {
        return with(s -> s.completionExecutor = completionExecutor);
    }

    /** Returns the I/O threads that this connection shares, null for a thread of its own. */
    public @Nullable EventLoops eventLoops() {
        return settings.eventLoops;
    }

    /** Sets shared threads for I/O and handlers; default null: an own thread for each. They fix the transport. */
    public ConnectionOptions eventLoops(@Nullable EventLoops eventLoops) {
        return with(s -> s.eventLoops = eventLoops);
    }

    /** Returns the executor of delivery handlers, null for that of {@link #eventLoops()}. */
    public @Nullable Executor deliveryExecutor() {
        return settings.deliveryExecutor;
    }

    /** Sets the executor of delivery handlers, in order per consumer; default null: one thread at a time. */
    public ConnectionOptions deliveryExecutor(@Nullable Executor deliveryExecutor) {
        return with(s -> s.deliveryExecutor = deliveryExecutor);
    }

    /** Returns whether every frame is logged. */
    public boolean frameLog() {
        return settings.frameLog;
    }

    /** Sets whether every frame is logged, one line each, with secrets masked; default false. */
    public ConnectionOptions frameLog(boolean frameLog) {
        return with(s -> s.frameLog = frameLog);
    }

    /** Returns the transport that drives the sockets. */
    public Transport transport() {
        return settings.transport;
    }

    /** Sets the transport that drives the sockets; default {@link Transport#AUTO}. */
    public ConnectionOptions transport(Transport transport) {
        return with(s -> s.transport = requireNonNull(transport, "transport"));
    }

    /** Returns the callback for every returned message, null for none. */
    public @Nullable Consumer<ReturnedMessage> onReturn() {
        return settings.onReturn;
    }

    /**
     * Sets a callback for every returned message, in addition to the publish that the return ends; default null. It
     * runs on {@link #deliveryExecutor()}.
     */
    public ConnectionOptions onReturn(@Nullable Consumer<ReturnedMessage> onReturn) {
        return with(s -> s.onReturn = onReturn);
    }

    /** Returns the listener for links, blocks, retries and slow confirms, null for none. */
    public @Nullable ConnectionListener listener() {
        return settings.listener;
    }

    /** Sets the listener for links, blocks, retries and slow confirms; default null. */
    public ConnectionOptions listener(@Nullable ConnectionListener listener) {
        return with(s -> s.listener = listener);
    }

    /** Returns the time after which a confirm counts as slow. */
    public Duration slowConfirm() {
        return settings.slowConfirm;
    }

    /** Sets the time after which listener and Flight Recorder report a confirm as slow; default 1 s. */
    public ConnectionOptions slowConfirm(Duration slowConfirm) {
        return with(s -> s.slowConfirm = Arguments.positive("slowConfirm", slowConfirm));
    }

    /** Returns the serializers available to publishes and consumers. */
    public SerializerRegistry serializers() {
        return settings.serializers;
    }

    /** Sets the serializers available to publishes and consumers; default {@link SerializerRegistry#standard()}. */
    public ConnectionOptions serializers(SerializerRegistry serializers) {
        return with(s -> s.serializers = requireNonNull(serializers, "serializers"));
    }

    /** Returns the compressors available to publishes and consumers. */
    public CompressorRegistry compressors() {
        return settings.compressors;
    }

    /** Sets the compressors available to publishes and consumers; default {@link CompressorRegistry#standard()}. */
    public ConnectionOptions compressors(CompressorRegistry compressors) {
        return with(s -> s.compressors = requireNonNull(compressors, "compressors"));
    }

    /** Compares all settings; suppliers, executors, listeners, registries and the TLS context by their own equality. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConnectionOptions that && settings.values().equals(that.settings.values());
    }

    @Override
    public int hashCode() {
        return settings.values().hashCode();
    }

    /** Returns the URI with the password masked, and the settings that an error report needs most. */
    @Override
    public String toString() {
        return "ConnectionOptions{" + asUri() + settings + "}";
    }
}
