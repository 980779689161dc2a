package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may block before a connect: the name service, the user's supplier of credentials, and the files of TLS.
 *
 * @param tls null where none is wanted
 */
record ConnectInputs(
        List<InetAddress> addresses,
        @Nullable Credentials credentials,
        @Nullable Tls tls) {
    /** Blocks; never called on an event loop. */
    static ConnectInputs of(String host, ConnectionOptions options) throws UnknownHostException {
        List<InetAddress> addresses = List.of(InetAddress.getAllByName(host));
        boolean needed = Sasl.needsCredentials(options.saslMechanism());
        return new ConnectInputs(addresses, needed ? options.credentials().get() : null, Tls.of(options));
    }
}
