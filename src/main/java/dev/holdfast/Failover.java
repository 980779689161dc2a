package dev.holdfast;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Orders the brokers' addresses for a connect round; see {@link ConnectionOptions#failover(Failover)}. The connection
 * calls it once per round on its I/O thread: an implementation must not block.
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
