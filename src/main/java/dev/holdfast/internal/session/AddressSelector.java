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
 * Which address is tried when: every one once per round, in the order of the options' failover. Nothing is kept of an
 * address that has failed. Event loop only.
 */
final class AddressSelector {
    private final ConnectionOptions options;
    private @Nullable Address last;

    AddressSelector(ConnectionOptions options) {
        this.options = options;
    }

    /** What was connected to is lost one day: it comes last then. */
    void linked(Address address) {
        last = address;
    }

    List<Address> round() {
        List<Address> given = new ArrayList<>(options.addresses());
        Collections.rotate(given, -1 - given.indexOf(last));
        List<Address> all = Collections.unmodifiableList(given);
        Set<Address> order = new LinkedHashSet<>();
        try {
            order.addAll(options.failover().order(all));
            order.retainAll(all);
        } catch (RuntimeException e) {
            UserCallbacks.logFailure("a Failover threw; this round is in the order given", e);
        }
        order.addAll(all);
        return List.copyOf(order);
    }
}
