package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.ConnectionOptions;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Retrieves the {@link ConnectInputs} of all connects of one session. A lookup that outlives its connect, since it
 * ignores interrupts, is not started again before it has returned, so that such lookups do not pile up. Thread-safe.
 */
public final class ConnectLookups {
    private final ConnectionOptions options;

    /** Lookups that have not returned, and {@link System#nanoTime} at their start. */
    private final Map<String, Long> running = new ConcurrentHashMap<>();

    public ConnectLookups(ConnectionOptions options) {
        this.options = options;
    }

    ConnectionOptions options() {
        return options;
    }

    /**
     * Retrieves the inputs. Blocks; never called on an event loop.
     *
     * @param progress receives the name of each lookup that begins
     * @throws TimeoutException if a lookup of an earlier connect has not returned
     */
    ConnectInputs retrieve(Address address, Consumer<String> progress) throws Exception {
        String host = address.host();
        boolean needsCredentials = Sasl.needsCredentials(options.saslMechanism());
        return new ConnectInputs(
                once("the name service (" + host + ")", progress, () -> List.of(InetAddress.getAllByName(host))),
                needsCredentials ? once("the credentials supplier", progress, options.credentials()::get) : null,
                options.tls() ? once("the TLS files", progress, () -> Tls.of(options)) : null);
    }

    private <T extends @Nullable Object> T once(String name, Consumer<String> progress, Callable<T> lookup)
            throws Exception {
        progress.accept(name);
        Long startedAt = running.putIfAbsent(name, System.nanoTime());
        if (startedAt != null) {
            long millis = (System.nanoTime() - startedAt) / 1_000_000;
            throw new TimeoutException(name + " was asked " + millis + " ms ago and has not answered yet");
        }
        try {
            return lookup.call();
        } finally {
            running.remove(name);
        }
    }
}
