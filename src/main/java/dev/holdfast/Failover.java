package dev.holdfast;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * In which order a round tries the brokers; see {@link ConnectionOptions#failover(Failover)}. Called on the
 * connection's I/O thread, once per round: do not block there.
 */
@FunctionalInterface
public interface Failover {
    /** In the order given, beginning with the broker after the one that was last connected to. */
    Failover ROUND_ROBIN = addresses -> addresses;

    /** In an order that is drawn anew for each round. */
    Failover SHUFFLE = addresses -> {
        List<Address> drawn = new ArrayList<>(addresses);
        Collections.shuffle(drawn);
        return drawn;
    };

    /**
     * Returns the order of one round. What is left out is tried last, what is twice or foreign is dropped: a round
     * tries every broker once. Where this throws, the round is in the order given.
     *
     * @param addresses all brokers, in the order of {@link ConnectionOptions#addresses()}, but beginning after the one
     *     that was last connected to; unmodifiable
     */
    List<Address> order(List<Address> addresses);
}
