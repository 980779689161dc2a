package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.Credentials;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of the connects of one round; the retrieval of credentials and of TLS files may block.
 *
 * @param credentials null if the SASL mechanism needs none
 * @param tls null without TLS
 */
public record ConnectInputs(
        ConnectionOptions options,
        @Nullable Credentials credentials,
        @Nullable Tls tls) {}
