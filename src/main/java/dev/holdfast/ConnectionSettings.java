package dev.holdfast;

import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.SerializerRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The values of a {@link ConnectionOptions}, one field per option, with their defaults. Only the wither that made a
 * copy changes it. Methods check the values that both withers and URI parameters set.
 */
final class ConnectionSettings implements Cloneable {
    private static final int PORT = 5672;
    private static final int TLS_PORT = 5671;
    private static final int MAX_SHORT = 65535;

    /** Of the specification: the smallest frame-max that a peer may request. */
    private static final int MIN_FRAME_SIZE = 4096;

    List<Address> addresses = List.of(new Address("localhost", 0));
    Failover failover = Failover.ROUND_ROBIN;
    Supplier<Credentials> credentials = new Fixed(new Credentials("guest", "guest"));
    String virtualHost = "/";
    boolean tls;

    TlsOptions tlsOptions = TlsOptions.defaults();
    String saslMechanism = "PLAIN";
    Duration connectTimeout = Duration.ofSeconds(10);
    Duration rpcTimeout = Duration.ofSeconds(30);
    Duration confirmTimeout = Duration.ofSeconds(30);
    Duration closeTimeout = Duration.ofSeconds(10);
    Duration heartbeat = Duration.ofSeconds(60);
    int frameMax = 131_072;
    int channelMax = 2047;
    boolean confirms = true;
    int maxUnconfirmed = 10_000;
    long maxUnconfirmedBytes = 64L << 20;
    int maxInboundMessageSize = 128 << 20;
    long maxDeliveryBacklogBytes = 64L << 20;

    @Nullable
    String connectionName;

    Map<String, Object> clientProperties = Map.of();
    Duration reconnectDelayMin = Duration.ofMillis(100);
    Duration reconnectDelayMax = Duration.ofSeconds(10);
    Duration reconnectLimit = Duration.ofDays(3650);
    Duration restoreLimit = Duration.ofMinutes(5);

    @Nullable
    Executor completionExecutor;

    @Nullable
    Executor deliveryExecutor;

    @Nullable
    EventLoops eventLoops;

    boolean frameLog;
    Transport transport = Transport.AUTO;
    SerializerRegistry serializers = SerializerRegistry.standard();
    CompressorRegistry compressors = CompressorRegistry.standard();

    @Nullable
    Consumer<ReturnedMessage> onReturn;

    @Nullable
    ConnectionListener listener;

    Duration slowConfirm = Duration.ofSeconds(1);

    void addresses(List<Address> given) {
        List<Address> copy = List.copyOf(given);
        if (copy.isEmpty()) {
            throw Arguments.invalid("addresses", copy, "one or more");
        }
        addresses = copy;
    }

    void reconnectBackoff(Duration min, Duration max) {
        Arguments.positive("reconnectBackoff min", min);
        Arguments.positive("reconnectBackoff max", max);
        if (max.compareTo(min) < 0) {
            throw Arguments.invalid("reconnectBackoff max", max, ">= min " + min);
        }
        reconnectDelayMin = min;
        reconnectDelayMax = max;
    }

    void maxInboundMessageSize(int bytes) {
        maxInboundMessageSize = Arguments.range("maxInboundMessageSize", bytes, 1, Integer.MAX_VALUE);
    }

    void username(String username) {
        credentials =
                new Fixed(new Credentials(username, requireFixed("username").password()));
    }

    void password(String password) {
        credentials = new Fixed(new Credentials(requireFixed("password").username(), password));
    }

    private Credentials requireFixed(String name) {
        if (credentials instanceof Fixed fixed) {
            return fixed.get();
        }
        throw new IllegalStateException(name + ": credentials come from a supplier (expected: fixed credentials)");
    }

    void virtualHost(String name) {
        virtualHost = Arguments.shortString("virtualHost", name);
    }

    void connectionName(@Nullable String name) {
        connectionName = name == null ? null : (String) Arguments.tableValue("connectionName", name);
    }

    void tls(TlsOptions options) {
        tlsOptions = options;
        tls = true;
    }

    void maxDeliveryBacklogBytes(long bytes) {
        maxDeliveryBacklogBytes = Arguments.atLeast("maxDeliveryBacklogBytes", bytes, 1);
    }

    void saslMechanism(String name) {
        String mechanism = name.toUpperCase(Locale.ROOT);
        if (!List.of("PLAIN", "AMQPLAIN", "EXTERNAL").contains(mechanism)) {
            throw Arguments.invalid("saslMechanism", name, "PLAIN, AMQPLAIN or EXTERNAL");
        }
        saslMechanism = mechanism;
    }

    void heartbeat(Duration interval) {
        if (interval.isNegative() || interval.getNano() != 0 || interval.getSeconds() > MAX_SHORT) {
            throw Arguments.invalid("heartbeat", interval, "whole seconds, 0 to 65535");
        }
        heartbeat = interval;
    }

    void frameMax(int bytes) {
        if (bytes != 0 && bytes < MIN_FRAME_SIZE) {
            throw Arguments.invalid("frameMax", bytes, "0 or >= 4096");
        }
        frameMax = bytes;
    }

    void channelMax(int number) {
        channelMax = Arguments.range("channelMax", number, 0, MAX_SHORT);
    }

    List<Address> resolvedAddresses() {
        int port = tls ? TLS_PORT : PORT;
        return addresses.stream().map(address -> address.withDefaultPort(port)).toList();
    }

    @Nullable
    String fixedUsername() {
        return credentials instanceof Fixed fixed ? fixed.get().username() : null;
    }

    /** Returns the value of every field, for equality. */
    List<@Nullable Object> values() {
        return Arrays.asList(
                resolvedAddresses(),
                failover,
                credentials,
                virtualHost,
                tls,
                tlsOptions,
                saslMechanism,
                connectTimeout,
                rpcTimeout,
                confirmTimeout,
                closeTimeout,
                heartbeat,
                frameMax,
                channelMax,
                confirms,
                maxUnconfirmed,
                maxUnconfirmedBytes,
                maxInboundMessageSize,
                maxDeliveryBacklogBytes,
                connectionName,
                clientProperties,
                reconnectDelayMin,
                reconnectDelayMax,
                reconnectLimit,
                restoreLimit,
                completionExecutor,
                deliveryExecutor,
                eventLoops,
                frameLog,
                transport,
                serializers,
                compressors,
                onReturn,
                listener,
                slowConfirm);
    }

    /** Returns a copy with this change. */
    ConnectionSettings changed(Consumer<ConnectionSettings> change) {
        try {
            ConnectionSettings copy = (ConnectionSettings) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the settings that an error report needs most; asUri has the addresses and the user name. */
    @Override
    public String toString() {
        return ", saslMechanism=" + saslMechanism + ", connectTimeout=" + connectTimeout + ", heartbeat=" + heartbeat
                + ", frameMax=" + frameMax + ", channelMax=" + channelMax + ", confirms=" + confirms
                + ", connectionName=" + connectionName + ", transport=" + transport;
    }

    /** Constant credentials, distinct from an application's supplier, whose call may be slow. */
    record Fixed(Credentials credentials) implements Supplier<Credentials> {
        @Override
        public Credentials get() {
            return credentials;
        }
    }
}
