package dev.holdfast.internal.session;

import dev.holdfast.Address;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.concurrent.UserCallbacks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Orders the addresses of each round by {@link ConnectionOptions#failover}: every address once. Failures of an
 * address are not remembered. Event loop only.
 */
final class AddressSelector {
    private final ConnectionOptions options;
    private @Nullable Address lastLinked;

    AddressSelector(ConnectionOptions options) {
        this.options = options;
    }

    /** A link to this address is open. The next round begins after that address. */
    void linked(Address address) {
        lastLinked = address;
    }

    /** The addresses of the next round in order. Those that the failover omits come last. */
    List<Address> round() {
        List<Address> rotated = new ArrayList<>(options.addresses());
        Collections.rotate(rotated, -1 - rotated.indexOf(lastLinked));
        List<Address> all = Collections.unmodifiableList(rotated);
        Set<Address> order = new LinkedHashSet<>();
        try {
            order.addAll(options.failover().order(all));
            order.retainAll(all);
        } catch (RuntimeException | Error e) {
            UserCallbacks.logFailure("a Failover threw; this round is in the order given", e);
        }
        order.addAll(all);
        return List.copyOf(order);
    }
}
