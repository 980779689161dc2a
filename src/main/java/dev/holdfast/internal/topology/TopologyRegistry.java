package dev.holdfast.internal.topology;

import dev.holdfast.Binding;
import dev.holdfast.Declarable;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was declared through a connection and not taken back since.
 *
 * <p>Two sets, both keyed by the full definition: {@code recorded} is made again after a reconnect; {@code standing} spares a
 * publish its declaration, and never holds what may vanish by itself (auto-delete, exclusive, expiring).
 *
 * <p>Event loop only, but for {@link #allStand}.
 */
public final class TopologyRegistry {
    private final Set<Declarable> recorded = new LinkedHashSet<>();

    /** Grows only: what no longer stands makes a new set, so that a look at an old one is known to be old. */
    private volatile Set<Declarable> standing = ConcurrentHashMap.newKeySet();

    /** The list that was last seen to stand; whoever publishes with the same options again asks for the same list. */
    private volatile @Nullable Stood stood;

    private record Stood(List<Declarable> entities, Set<Declarable> in) {}

    /** Whether all of these are known to stand on this link. Any thread. */
    public boolean allStand(List<Declarable> entities) {
        Set<Declarable> now = standing;
        Stood last = stood;
        if (last != null && last.entities == entities && last.in == now) {
            return true;
        }
        for (Declarable entity : entities) {
            if (!now.contains(entity)) {
                return false;
            }
        }
        stood = new Stood(entities, now);
        return true;
    }

    boolean stands(Declarable entity) {
        return standing.contains(entity);
    }

    /** What is to be made again on a new link, in the order in which it was made. */
    List<Declarable> recorded() {
        return List.copyOf(recorded);
    }

    boolean isRecorded(Declarable entity) {
        return recorded.contains(entity);
    }

    /**
     * The broker has this.
     *
     * @param passive it was only asked for, and is not ours to make again
     * @param lasts it does not vanish by itself
     */
    void made(Declarable entity, boolean passive, boolean lasts) {
        if (!passive) {
            recorded.add(entity);
        }
        if (lasts) {
            standing.add(entity);
        }
    }

    /** It is not made again. */
    void unwanted(Declarable entity) {
        recorded.remove(entity);
    }

    /** Nothing is known to stand any more. */
    public void noneStands() {
        standing = ConcurrentHashMap.newKeySet();
    }

    /** The queue went, and the bindings to it. */
    void queueDeleted(String name) {
        forget(entity -> (entity instanceof Queue queue && queue.name().equals(name))
                || (entity instanceof Binding binding
                        && DeclareMethods.isToQueue(binding)
                        && binding.destination().equals(name)));
    }

    /** The exchange went, and the bindings from and to it. */
    void exchangeDeleted(String name) {
        forget(entity -> entity instanceof Exchange exchange && exchange.name().equals(name));
        unbound(binding -> binding.source().name().equals(name)
                || (!DeclareMethods.isToQueue(binding) && binding.destination().equals(name)));
    }

    void unbound(Binding binding) {
        unbound(each -> each.source().name().equals(binding.source().name())
                && each.destinationType() == binding.destinationType()
                && each.destination().equals(binding.destination())
                && each.routingKey().equals(binding.routingKey())
                && each.arguments().equals(binding.unbindArguments()));
    }

    /** Bindings went: what is made again goes without them, and a queue that brings one along must be declared anew. */
    private void unbound(Predicate<Binding> gone) {
        forget(entity -> entity instanceof Binding binding && gone.test(binding));
        List<Declarable> all = recorded();
        recorded.clear();
        for (Declarable entity : all) {
            recorded.add(entity instanceof Queue queue && isBoundBy(queue, gone) ? without(queue, gone) : entity);
        }
        noLongerStands(entity -> entity instanceof Queue queue && isBoundBy(queue, gone));
    }

    private static boolean isBoundBy(Queue queue, Predicate<Binding> gone) {
        return queue.bindings().stream().anyMatch(gone);
    }

    private static Queue without(Queue queue, Predicate<Binding> gone) {
        return queue.bound(Exchange.ANONYMOUS, "")
                .bindings(queue.bindings().stream().filter(gone.negate()).toList());
    }

    /** These are not made again, and do not stand. */
    void forget(Predicate<Declarable> which) {
        recorded.removeIf(which);
        noLongerStands(which);
    }

    private void noLongerStands(Predicate<Declarable> which) {
        Set<Declarable> rest = ConcurrentHashMap.newKeySet();
        rest.addAll(standing);
        rest.removeIf(which);
        standing = rest;
    }
}
