package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a connect whose retrieval may block: addresses from DNS, credentials from the user's supplier, TLS
 * files.
 *
 * @param credentials null if the SASL mechanism needs none
 * @param tls null without TLS
 */
record ConnectInputs(
        List<InetAddress> addresses,
        @Nullable Credentials credentials,
        @Nullable Tls tls) {
    /** Retrieves the inputs. Blocks; never called on an event loop. */
    static ConnectInputs of(String host, ConnectionOptions options) throws UnknownHostException {
        List<InetAddress> addresses = List.of(InetAddress.getAllByName(host));
        boolean needsCredentials = Sasl.needsCredentials(options.saslMechanism());
        return new ConnectInputs(
                addresses, needsCredentials ? options.credentials().get() : null, Tls.of(options));
    }
}
