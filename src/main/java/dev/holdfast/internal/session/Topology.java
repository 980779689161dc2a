package dev.holdfast.internal.session;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Binding;
import dev.holdfast.Declarable;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import dev.holdfast.QueueInfo;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was declared through this connection: made again on every new link, and known to stand on the present one.
 *
 * <p>Declares run on a channel of their own, so that a refused one closes nobody else's. Two sets, both keyed by the full
 * definition: {@code recorded} is made again after a reconnect; {@code standing} spares a publish its declaration, and never
 * holds what may vanish by itself (auto-delete, exclusive, expiring).
 *
 * <p>Event loop only, but for {@link #stands}.
 */
public final class Topology {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final Function<Method, CompletableFuture<Method>> declarer;
    private final Executor callbacks;
    private final Set<Declarable> recorded = new LinkedHashSet<>();

    /** Grows only: what no longer stands makes a new set, so that a look at an old one is known to be old. */
    private volatile Set<Declarable> standing = ConcurrentHashMap.newKeySet();

    /** The list that was last seen to stand; whoever publishes with the same options again asks for the same list. */
    private volatile @Nullable Stood stood;

    /** What a server-named queue was called when the user got it, and its name on this link. */
    private final Map<String, String> renamed = new ConcurrentHashMap<>();

    private final Set<String> serverNamed = new HashSet<>();

    /** What waits for the broker's answer. */
    private final Map<Method, CompletableFuture<Method>> underWay = new HashMap<>();

    private final PoisonMemory memory = new PoisonMemory();

    /** Only what is made again is under way. */
    private boolean restoring;

    /** Links that were lost: what was being made again on one is not made again for it on the next. */
    private long links;

    /**
     * @param declarer sends a method on the channel for declarations
     * @param callbacks where users hear of their queues' declarations
     */
    Topology(Function<Method, CompletableFuture<Method>> declarer, Executor callbacks) {
        this.declarer = declarer;
        this.callbacks = callbacks;
    }

    private record Stood(List<Declarable> entities, Set<Declarable> in) {}

    /** Whether all of these are known to stand on this link. Any thread. */
    boolean stands(List<Declarable> entities) {
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

    String currentName(String queue) {
        return renamed.getOrDefault(queue, queue);
    }

    /** Declares these one after the other, unless {@code always} only those that do not stand yet. */
    public CompletableFuture<Void> declare(List<? extends Declarable> entities, boolean always) {
        CompletableFuture<Void> chain = done();
        for (Declarable entity : entities) {
            chain = chain.thenCompose(done -> always ? declare(entity) : ensure(entity));
        }
        return chain;
    }

    private CompletableFuture<Void> ensure(Declarable entity) {
        return standing.contains(entity) ? done() : declare(entity);
    }

    private CompletableFuture<Void> declare(Declarable entity) {
        if (entity instanceof Exchange exchange) {
            return declare(exchange);
        }
        if (entity instanceof Queue queue) {
            return declare(queue).thenAccept(info -> {});
        }
        return bind((Binding) entity);
    }

    /** exchange.declare; the default exchange, the broker's own and those of others are never declared. */
    public CompletableFuture<Void> declare(Exchange exchange) {
        if (exchange.predeclared() || exchange.noDeclare()) {
            return done();
        }
        return send(Declarations.of(exchange))
                .thenAccept(reply -> record(exchange, exchange.passive(), !exchange.autoDelete()));
    }

    /** Its exchanges, the queue, its bindings, in this order. The future is the queue by its name, and what it holds. */
    public CompletableFuture<QueueInfo> declare(Queue queue) {
        if (queue.noDeclare()) {
            return CompletableFuture.completedFuture(new QueueInfo(queue.name(), 0, 0));
        }
        if (serverNamed.contains(queue.name())) {
            return again(queue);
        }
        return ensure(queue.exchange()).thenCompose(done -> declareAlone(queue)).thenCompose(info -> {
            boolean fresh = queue.name().isEmpty();
            Queue named = fresh ? queue.named(info.name()) : queue;
            return bindAll(named).thenApply(done -> {
                if (fresh) {
                    serverNamed.add(info.name());
                }
                boolean lasts = !queue.autoDelete()
                        && !queue.exclusive()
                        && !queue.arguments().containsKey("x-expires");
                record(named, queue.passive(), lasts);
                return info;
            });
        });
    }

    /** Only the broker makes queues with a name of its own: RabbitMQ refuses the name even of one that stands. */
    private CompletableFuture<QueueInfo> again(Queue queue) {
        Queue there = queue.named(currentName(queue.name())).passive(true);
        return declareAlone(there)
                .exceptionallyCompose(error -> isMissing(error) ? renew(queue) : CompletableFuture.failedFuture(error))
                .thenCompose(info -> bindAll(queue)
                        .thenApply(done -> new QueueInfo(queue.name(), info.messageCount(), info.consumerCount())));
    }

    private static boolean isMissing(Throwable error) {
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        return cause instanceof AmqpChannelException refused && refused.replyCode() == 404;
    }

    /** Another queue, with another name of the broker's, takes the place of the one that is gone. */
    private CompletableFuture<QueueInfo> renew(Queue queue) {
        return declareAlone(queue.named("")).thenApply(info -> {
            renamed.put(queue.name(), info.name());
            return info;
        });
    }

    private CompletableFuture<Void> bindAll(Queue queue) {
        CompletableFuture<Void> chain = done();
        for (Binding binding : queue.bindings()) {
            boolean declared = binding.source().equals(queue.exchange()); // before the queue
            chain = chain.thenCompose(done -> declared ? done() : ensure(binding.source()))
                    .thenCompose(done -> send(bindMethod(binding)))
                    .thenApply(reply -> null);
        }
        return chain;
    }

    private CompletableFuture<QueueInfo> declareAlone(Queue queue) {
        return send(Declarations.of(queue)).thenApply(reply -> {
            QueueMethods.DeclareOk ok = (QueueMethods.DeclareOk) reply;
            QueueInfo info = new QueueInfo(ok.queue(), ok.messageCount(), ok.consumerCount());
            Consumer<QueueInfo> callback = queue.onDeclared();
            if (callback != null) {
                Callbacks.run(callbacks, () -> callback.accept(info));
            }
            return info;
        });
    }

    /** queue.bind or exchange.bind. */
    public CompletableFuture<Void> bind(Binding binding) {
        return ensure(binding.source())
                .thenCompose(done -> send(bindMethod(binding)))
                .thenAccept(reply -> record(binding, false, true));
    }

    private Method bindMethod(Binding binding) {
        return Declarations.bind(binding, currentName(binding.destination()));
    }

    /** queue.unbind or exchange.unbind. */
    public CompletableFuture<Void> unbind(Binding binding) {
        Method method = Declarations.unbind(binding, currentName(binding.destination()));
        return send(method).thenAccept(reply -> unbound(each -> isUndoneBy(each, binding)));
    }

    private static boolean isUndoneBy(Binding each, Binding unbound) {
        return each.source().name().equals(unbound.source().name())
                && each.destinationType() == unbound.destinationType()
                && each.destination().equals(unbound.destination())
                && each.routingKey().equals(unbound.routingKey())
                && each.arguments().equals(unbound.unbindArguments());
    }

    /** Bindings went: what is made again goes without them, and a queue that brings one along must be declared anew. */
    private void unbound(Predicate<Binding> gone) {
        forget(entity -> entity instanceof Binding binding && gone.test(binding));
        List<Declarable> all = List.copyOf(recorded);
        recorded.clear();
        for (Declarable entity : all) {
            recorded.add(entity instanceof Queue queue && isBoundBy(queue, gone) ? without(queue, gone) : entity);
        }
        standing = standing(entity -> entity instanceof Queue queue && isBoundBy(queue, gone));
    }

    private static boolean isBoundBy(Queue queue, Predicate<Binding> gone) {
        return queue.bindings().stream().anyMatch(gone);
    }

    private static Queue without(Queue queue, Predicate<Binding> gone) {
        return queue.bound(Exchange.ANONYMOUS, "")
                .bindings(queue.bindings().stream().filter(gone.negate()).toList());
    }

    /** queue.purge; the future is the number of messages that went. */
    public CompletableFuture<Long> purge(String queue) {
        return send(new QueueMethods.Purge(currentName(queue), false))
                .thenApply(reply -> ((QueueMethods.PurgeOk) reply).messageCount());
    }

    /** queue.delete; the future is the number of messages that went with it. */
    public CompletableFuture<Long> deleteQueue(String queue, boolean ifUnused, boolean ifEmpty) {
        return send(new QueueMethods.Delete(currentName(queue), ifUnused, ifEmpty, false))
                .thenApply(reply -> {
                    renamed.remove(queue);
                    serverNamed.remove(queue);
                    forget(entity -> isQueue(entity, queue)
                            || (entity instanceof Binding binding
                                    && Declarations.isToQueue(binding)
                                    && binding.destination().equals(queue)));
                    return ((QueueMethods.DeleteOk) reply).messageCount();
                });
    }

    /** exchange.delete. */
    public CompletableFuture<Void> deleteExchange(String exchange, boolean ifUnused) {
        return send(new ExchangeMethods.Delete(exchange, ifUnused, false)).thenAccept(reply -> {
            forget(entity -> isExchange(entity, exchange));
            unbound(binding -> touches(binding, exchange));
        });
    }

    private static boolean isQueue(Declarable entity, String name) {
        return entity instanceof Queue known && known.name().equals(name);
    }

    private static boolean isExchange(Declarable entity, String name) {
        return entity instanceof Exchange known && known.name().equals(name);
    }

    private static boolean touches(Binding binding, String exchange) {
        return binding.source().name().equals(exchange)
                || (!Declarations.isToQueue(binding) && binding.destination().equals(exchange));
    }

    /** The broker says that something is missing which was thought to stand. */
    void missing() {
        standing = ConcurrentHashMap.newKeySet();
    }

    /** Nothing is known to stand any more. */
    void linkLost() {
        links++;
        missing();
    }

    /**
     * Makes everything again. What fails is skipped and reported: one bad declaration never keeps a connection down.
     *
     * @param wanted whether an entity that may have gone by itself is still wanted: by a consumer of ours
     */
    CompletableFuture<Void> restore(Predicate<Queue> wanted) {
        long on = links;
        restoring = true;
        CompletableFuture<Void> chain = done();
        for (Declarable entity : List.copyOf(recorded)) {
            boolean mayHaveGone = entity instanceof Queue queue && (queue.autoDelete() || queue.exclusive());
            if (mayHaveGone && !wanted.test((Queue) entity)) {
                recorded.remove(entity);
                continue;
            }
            chain = chain.thenCompose(done -> on == links && recorded.contains(entity) ? restore(entity) : done())
                    .exceptionally(error -> {
                        LOG.log(System.Logger.Level.WARNING, "could not declare {0} again: {1}", entity, error);
                        return null;
                    });
        }
        return chain.thenRun(() -> restoring = false);
    }

    private CompletableFuture<Void> restore(Declarable entity) {
        if (!(entity instanceof Queue queue) || !serverNamed.contains(queue.name())) {
            return declare(entity);
        }
        return renew(queue).thenCompose(info -> bindAll(queue));
    }

    private void record(Declarable entity, boolean passive, boolean lasts) {
        if (!passive) {
            recorded.add(entity);
        }
        if (lasts) {
            standing.add(entity);
        }
    }

    private void forget(Predicate<Declarable> which) {
        recorded.removeIf(which);
        standing = standing(which);
    }

    /** What stands, without these. */
    private Set<Declarable> standing(Predicate<Declarable> without) {
        Set<Declarable> rest = ConcurrentHashMap.newKeySet();
        rest.addAll(standing);
        rest.removeIf(without);
        return rest;
    }

    /** Two that are the same wait for each other: what the first is refused for must be known before the second goes. */
    private CompletableFuture<Method> send(Method method) {
        CompletableFuture<Method> before = underWay.get(method);
        if (before != null) {
            return before.handle((reply, error) -> method).thenCompose(this::send);
        }
        AmqpConnectionException poison = memory.refusal(method, restoring);
        if (poison != null) {
            return CompletableFuture.failedFuture(poison);
        }
        CompletableFuture<Method> answered = new CompletableFuture<>();
        underWay.put(method, answered);
        declarer.apply(method).whenComplete((reply, error) -> {
            underWay.remove(method);
            if (error == null) {
                answered.complete(reply);
            } else {
                answered.completeExceptionally(failed(method, error));
            }
        });
        return answered;
    }

    /** What becomes of this, and whether others are to blame for it. */
    private Throwable failed(Method method, Throwable error) {
        if (error instanceof AmqpChannelException refused && refused.replyCode() == 404) {
            missing();
        } else if (error instanceof AmqpConnectionException lost && memory.ended(method, lost, restoring)) {
            forget(entity -> Declarations.isPartOf(entity, method));
        } else if (error instanceof AmqpConnectionException lost) {
            if (restoring) {
                memory.cut(method);
            }
            return Losses.innocent(lost);
        }
        return error;
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
