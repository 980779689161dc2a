package dev.holdfast.internal.session;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.transport.ConnectInputs;
import dev.holdfast.internal.transport.Sasl;
import dev.holdfast.internal.transport.Tls;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Retrieves what the connects of one session need and what may block: credentials, TLS files, the addresses of names. A
 * lookup that outlives its connect, since it ignores interrupts, is not started again before it has returned, so that
 * such lookups do not pile up. Thread-safe.
 */
final class ConnectLookups {
    /** A name service. */
    interface Resolver {
        InetAddress[] resolve(String host) throws Exception;
    }

    private final ConnectionOptions options;
    private final Resolver resolver;

    /** Lookups that have not returned, and {@link System#nanoTime} at their start. */
    private final Map<String, Long> running = new ConcurrentHashMap<>();

    ConnectLookups(ConnectionOptions options) {
        this(options, InetAddress::getAllByName);
    }

    ConnectLookups(ConnectionOptions options, Resolver resolver) {
        this.options = options;
        this.resolver = resolver;
    }

    ConnectionOptions options() {
        return options;
    }

    /**
     * Retrieves credentials and TLS files. Blocks; never called on an event loop.
     *
     * @param progress receives the name of each lookup that begins
     * @throws TimeoutException if a lookup of an earlier connect has not returned
     */
    ConnectInputs inputs(Consumer<String> progress) throws Exception {
        boolean needsCredentials = Sasl.needsCredentials(options.saslMechanism());
        return new ConnectInputs(
                options,
                needsCredentials ? once("the credentials supplier", progress, options.credentials()::get) : null,
                options.tls() ? once("the TLS files", progress, () -> Tls.of(options)) : null);
    }

    /**
     * Retrieves the addresses of a host, in the order of the name service. Blocks; never called on an event loop.
     *
     * @throws TimeoutException if a lookup of an earlier connect has not returned
     */
    Set<InetAddress> addresses(String host, Consumer<String> progress) throws Exception {
        return new LinkedHashSet<>(
                Arrays.asList(once("the name service (" + host + ")", progress, () -> resolver.resolve(host))));
    }

    /** Returns the address that this literal means; null for a name. */
    static @Nullable InetAddress literal(String host) {
        boolean scoped = host.indexOf('%') >= 0; // the name of its network interface is looked up
        return scoped ? null : NetUtil.createInetAddressFromIpAddressString(host);
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
