package dev.holdfast.internal.transport;

import dev.holdfast.Credentials;
import java.net.InetAddress;
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
        @Nullable Tls tls) {}
