package dev.holdfast;

import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.SerializerRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The values of a {@link ConnectionOptions}, one field an option, with their defaults. Changed only by the wither that
 * has just made the copy.
 */
final class ConnectionSettings implements Cloneable {
    private static final int PORT = 5672;
    private static final int TLS_PORT = 5671;

    List<Address> addresses = List.of(new Address("localhost", 0));
    Supplier<Credentials> credentials = new Fixed(new Credentials("guest", "guest"));
    String virtualHost = "/";
    boolean tls;

    @Nullable
    SSLContext sslContext;

    boolean verifyPeer = true;
    boolean verifyHostName = true;
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

    @Nullable
    String connectionName;

    Map<String, Object> clientProperties = Map.of();
    Duration reconnectDelayMin = Duration.ofMillis(100);
    Duration reconnectDelayMax = Duration.ofSeconds(10);

    @Nullable
    Executor completionExecutor;

    @Nullable
    Executor deliveryExecutor;

    boolean frameLog;
    Transport transport = Transport.AUTO;
    SerializerRegistry serializers = SerializerRegistry.standard();
    CompressorRegistry compressors = CompressorRegistry.standard();

    @Nullable
    Consumer<ReturnedMessage> onReturn;

    List<Address> resolvedAddresses() {
        int port = tls ? TLS_PORT : PORT;
        return addresses.stream().map(address -> address.orPort(port)).toList();
    }

    @Nullable
    String fixedUsername() {
        return credentials instanceof Fixed fixed ? fixed.get().username() : null;
    }

    /** Every value, to compare. Holds the password: it is never shown. */
    List<@Nullable Object> all() {
        return Arrays.asList(
                resolvedAddresses(),
                credentials,
                virtualHost,
                tls,
                sslContext,
                verifyPeer,
                verifyHostName,
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
                connectionName,
                clientProperties,
                reconnectDelayMin,
                reconnectDelayMax,
                completionExecutor,
                deliveryExecutor,
                frameLog,
                transport,
                serializers,
                compressors,
                onReturn);
    }

    ConnectionSettings copy() {
        try {
            return (ConnectionSettings) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /** Credentials that never change, told apart from a supplier, which may be costly to ask. */
    record Fixed(Credentials credentials) implements Supplier<Credentials> {
        @Override
        public Credentials get() {
            return credentials;
        }
    }
}
