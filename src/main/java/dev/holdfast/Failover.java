package dev.holdfast;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Orders the brokers' addresses for a connect round; see {@link ConnectionOptions#failover(Failover)}. The connection
 * calls it once per round on its I/O thread: an implementation must not block.
 *
 * <p>A round tries every broker, and every IP address of its name, as RFC 8305 says: the next one starts when the one
 * before has failed, has not connected TCP within 250 ms, or has connected and not answered within 2 s. The first
 * broker that answers is used, and gets the credentials; if it refuses the login, the round goes on. Names are resolved
 * in each round, by the JVM and its cache (security property {@code networkaddress.cache.ttl}). The addresses of a name
 * are in random order, IPv4 and IPv6 in turn. {@link #SHUFFLE} spreads many clients over the brokers of a list.
 */
@FunctionalInterface
public interface Failover {
    /** The order given, beginning after the broker of the last connection. */
    Failover ROUND_ROBIN = addresses -> addresses;

    /** A new random order for each round. */
    Failover SHUFFLE = addresses -> {
        List<Address> shuffled = new ArrayList<>(addresses);
        Collections.shuffle(shuffled);
        return shuffled;
    };

    /**
     * Returns the order of one round. A round tries each broker once: an omitted address is tried last, a duplicate or
     * unknown address is ignored. If this method throws, the round uses the order given.
     *
     * @param addresses all brokers in the order of {@link ConnectionOptions#addresses()}, rotated to begin after the
     *     broker of the last connection; unmodifiable
     */
    List<Address> order(List<Address> addresses);
}
