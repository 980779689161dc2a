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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records the entities that were declared through a connection, and not deleted through it or by the broker. Of several
 * definitions of a name, only those are kept that agree with the newest in what the broker compares: the others were
 * deleted by another client.
 *
 * <p>Two sets, both keyed by the full definition. {@code recorded}: entities that are declared again after a reconnect.
 * {@code declared}: entities that a publish need not declare on this link; those that the broker may delete
 * (auto-delete, exclusive, expiring) are never in it.
 *
 * <p>Event loop only, but for {@link #allDeclared}.
 */
public final class TopologyRegistry {
    private final Set<Declarable> recorded = new LinkedHashSet<>();

    /** Copy on invalidate: a removal replaces the set, so a cached reference is detectably stale. */
    private volatile Set<Declarable> declared = ConcurrentHashMap.newKeySet();

    /** The last list that was found declared: publishes with the same options ask for the same list. */
    private volatile @Nullable Match lastMatch;

    private record Match(List<Declarable> entities, Set<Declarable> declared) {}

    /** Whether all these entities are known to be declared on this link. Any thread. */
    public boolean allDeclared(List<Declarable> entities) {
        Set<Declarable> current = declared;
        Match last = lastMatch;
        if (last != null && last.entities == entities && last.declared == current) {
            return true;
        }
        for (Declarable entity : entities) {
            if (!current.contains(entity)) {
                return false;
            }
        }
        lastMatch = new Match(entities, current);
        return true;
    }

    boolean isDeclared(Declarable entity) {
        return declared.contains(entity);
    }

    /** The entities to declare on a new link, in the order of their first declaration. */
    List<Declarable> recorded() {
        return List.copyOf(recorded);
    }

    boolean isRecorded(Declarable entity) {
        return recorded.contains(entity);
    }

    /**
     * The broker has confirmed that the entity exists.
     *
     * @param passive it was declared passively; this connection does not declare it again
     * @param lasts the broker does not delete it by itself
     */
    void add(Declarable entity, boolean passive, boolean lasts) {
        if (!passive && !recorded.contains(entity)) {
            replaceOlder(entity);
            recorded.add(entity);
        }
        if (lasts) {
            declared.add(entity);
        }
    }

    /** Removes the definitions of this name that the broker would refuse now. */
    private void replaceOlder(Declarable newest) {
        Predicate<Declarable> older = entity -> DeclareMethods.contradicts(entity, newest);
        if (recorded.stream().noneMatch(older)) {
            return;
        }
        List<Declarable> all = recorded();
        recorded.clear();
        boolean placed = false;
        for (Declarable entity : all) {
            if (!older.test(entity)) {
                recorded.add(newest instanceof Exchange source ? rebased(entity, source) : entity);
            } else if (!placed) {
                recorded.add(newest); // in the place of the older one: bindings may follow
                placed = true;
            }
        }
        removeDeclared(older);
    }

    /** The entity with this definition of the exchange that it is bound to. */
    private static Declarable rebased(Declarable entity, Exchange source) {
        if (entity instanceof Binding binding) {
            return rebased(binding, source);
        }
        if (!(entity instanceof Queue queue) || !isBoundBy(queue, binding -> isFrom(binding, source))) {
            return entity;
        }
        boolean own = queue.exchange().name().equals(source.name());
        return queue.bound(own ? source : queue.exchange(), queue.routingKey())
                .bindings(queue.bindings().stream()
                        .skip(queue.exchange().name().isEmpty() ? 0 : 1)
                        .map(binding -> rebased(binding, source))
                        .toList());
    }

    private static Binding rebased(Binding binding, Exchange source) {
        if (!isFrom(binding, source)) {
            return binding;
        }
        Binding changed = Binding.of(source, binding.routingKey())
                .arguments(binding.arguments())
                .unbindArguments(binding.unbindArguments());
        return DeclareMethods.isToQueue(binding)
                ? changed.toQueue(binding.destination())
                : changed.toExchange(binding.destination());
    }

    private static boolean isFrom(Binding binding, Exchange source) {
        return binding.source().name().equals(source.name());
    }

    /** The entity is not declared again on a new link. */
    void removeRecorded(Declarable entity) {
        recorded.remove(entity);
    }

    /** No entity is known to be declared any more. */
    public void clearDeclared() {
        declared = ConcurrentHashMap.newKeySet();
    }

    /**
     * A message that declares these was routed to no queue: the queues and bindings among them do not count as declared
     * any more. Returns whether there are any.
     */
    public boolean notRouted(List<Declarable> entities) {
        List<Declarable> suspects = entities.stream()
                .filter(entity -> !(entity instanceof Exchange))
                .toList();
        removeDeclared(suspects::contains);
        return !suspects.isEmpty();
    }

    /** Whether the broker deletes this queue when its last consumer is cancelled. */
    boolean isAutoDelete(String queue) {
        return recorded.stream().anyMatch(entity -> isQueue(entity, queue) && ((Queue) entity).autoDelete());
    }

    private static boolean isQueue(Declarable entity, String name) {
        return entity instanceof Queue queue && queue.name().equals(name);
    }

    /** Removes a deleted queue and the bindings to it. */
    void removeQueue(String name) {
        Predicate<Binding> toQueue = binding ->
                DeclareMethods.isToQueue(binding) && binding.destination().equals(name);
        List<Binding> removed = bindings(toQueue);
        remove(entity -> isQueue(entity, name) || (entity instanceof Binding binding && toQueue.test(binding)));
        removeUnbound(removed);
    }

    /** Removes a deleted exchange and the bindings from and to it. */
    void removeExchange(String name) {
        remove(entity -> entity instanceof Exchange exchange && exchange.name().equals(name));
        removeBindings(binding -> binding.source().name().equals(name)
                || (!DeclareMethods.isToQueue(binding) && binding.destination().equals(name)));
    }

    /** Removes the auto-delete exchanges that the broker deletes with the last binding from them. */
    private void removeUnbound(List<Binding> removed) {
        for (Binding binding : removed) {
            String source = binding.source().name();
            boolean autoDelete = recorded.stream()
                    .anyMatch(entity -> entity instanceof Exchange exchange
                            && exchange.autoDelete()
                            && exchange.name().equals(source));
            if (autoDelete
                    && bindings(other -> other.source().name().equals(source)).isEmpty()) {
                removeExchange(source);
            }
        }
    }

    /** Recorded bindings, also of the recorded queues. */
    private List<Binding> bindings(Predicate<Binding> which) {
        return recorded.stream()
                .flatMap(entity -> entity instanceof Queue queue
                        ? queue.bindings().stream()
                        : entity instanceof Binding binding ? Stream.of(binding) : Stream.empty())
                .filter(which)
                .toList();
    }

    void removeBinding(Binding binding) {
        removeBindings(other -> other.source().name().equals(binding.source().name())
                && other.destinationType() == binding.destinationType()
                && other.destination().equals(binding.destination())
                && other.routingKey().equals(binding.routingKey())
                && other.arguments().equals(binding.unbindArguments()));
    }

    /** Removes bindings, also from the recorded queues that have them; such a queue counts as not declared. */
    private void removeBindings(Predicate<Binding> which) {
        List<Binding> removed = bindings(which);
        remove(entity -> entity instanceof Binding binding && which.test(binding));
        List<Declarable> all = recorded();
        recorded.clear();
        for (Declarable entity : all) {
            recorded.add(entity instanceof Queue queue && isBoundBy(queue, which) ? without(queue, which) : entity);
        }
        removeDeclared(entity -> entity instanceof Queue queue && isBoundBy(queue, which));
        removeUnbound(removed);
    }

    private static boolean isBoundBy(Queue queue, Predicate<Binding> which) {
        return queue.bindings().stream().anyMatch(which);
    }

    private static Queue without(Queue queue, Predicate<Binding> which) {
        return queue.bound(Exchange.ANONYMOUS, "")
                .bindings(queue.bindings().stream().filter(which.negate()).toList());
    }

    /** Removes entities from both sets. */
    void remove(Predicate<Declarable> which) {
        recorded.removeIf(which);
        removeDeclared(which);
    }

    private void removeDeclared(Predicate<Declarable> which) {
        if (declared.stream().noneMatch(which)) {
            return;
        }
        Set<Declarable> remaining = ConcurrentHashMap.newKeySet();
        remaining.addAll(declared);
        remaining.removeIf(which);
        declared = remaining;
    }
}
