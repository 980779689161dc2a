package dev.holdfast.internal.topology;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Binding;
import dev.holdfast.Declarable;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import dev.holdfast.QueueInfo;
import dev.holdfast.internal.concurrent.UserCallbacks;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.internal.state.BrokerFaults;
import java.util.HashSet;
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
 * What this connection declares, deletes and binds; all of it is made again on every new link. Declares run on a channel of
 * their own, so that a refused one closes nobody else's.
 *
 * <p>Event loop only, but for {@link #currentName}.
 */
public final class Topology {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final TopologyRegistry ledger;
    private final DeclareCalls declarer;
    private final Executor callbacks;

    /** What a server-named queue was called when the user got it, and its name on this link. */
    private final Map<String, String> renamed = new ConcurrentHashMap<>();

    private final Set<String> serverNamed = new HashSet<>();

    /** Links that were lost: what was being made again on one is not made again for it on the next. */
    private long links;

    /**
     * @param channel sends a method on the channel for declarations
     * @param ledger keeps what was declared
     * @param callbacks where users hear of their queues' declarations
     */
    public Topology(Function<Method, CompletableFuture<Method>> channel, TopologyRegistry ledger, Executor callbacks) {
        this.ledger = ledger;
        this.declarer = new DeclareCalls(channel, ledger);
        this.callbacks = callbacks;
    }

    /** The name that a queue has now. Any thread. */
    public String currentName(String queue) {
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
        return ledger.stands(entity) ? done() : declare(entity);
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
        return send(DeclareMethods.of(exchange))
                .thenAccept(reply -> ledger.made(exchange, exchange.passive(), !exchange.autoDelete()));
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
                ledger.made(named, queue.passive(), lasts);
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
        return cause(error) instanceof AmqpChannelException refused && refused.replyCode() == 404;
    }

    private static @Nullable Throwable cause(Throwable error) {
        return error instanceof CompletionException ? error.getCause() : error;
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
        return send(DeclareMethods.of(queue)).thenApply(reply -> {
            QueueMethods.DeclareOk ok = (QueueMethods.DeclareOk) reply;
            QueueInfo info = new QueueInfo(ok.queue(), ok.messageCount(), ok.consumerCount());
            Consumer<QueueInfo> callback = queue.onDeclared();
            if (callback != null) {
                UserCallbacks.run(callbacks, () -> callback.accept(info));
            }
            return info;
        });
    }

    /** queue.bind or exchange.bind. */
    public CompletableFuture<Void> bind(Binding binding) {
        return ensure(binding.source())
                .thenCompose(done -> send(bindMethod(binding)))
                .thenAccept(reply -> ledger.made(binding, false, true));
    }

    private Method bindMethod(Binding binding) {
        return DeclareMethods.bind(binding, currentName(binding.destination()));
    }

    /** queue.unbind or exchange.unbind. */
    public CompletableFuture<Void> unbind(Binding binding) {
        Method method = DeclareMethods.unbind(binding, currentName(binding.destination()));
        return send(method).thenAccept(reply -> ledger.unbound(binding));
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
                    ledger.queueDeleted(queue);
                    return ((QueueMethods.DeleteOk) reply).messageCount();
                });
    }

    /** exchange.delete. */
    public CompletableFuture<Void> deleteExchange(String exchange, boolean ifUnused) {
        return send(new ExchangeMethods.Delete(exchange, ifUnused, false))
                .thenAccept(reply -> ledger.exchangeDeleted(exchange));
    }

    /** Nothing is known to stand any more. */
    public void linkLost() {
        links++;
        ledger.noneStands();
    }

    /**
     * Makes everything again. What fails is skipped and reported: one bad declaration never keeps a connection down.
     *
     * @param wanted whether an entity that may have gone by itself is still wanted: by a consumer of ours
     */
    public CompletableFuture<Void> restore(Predicate<Queue> wanted) {
        long on = links;
        declarer.restoring(true);
        CompletableFuture<Void> chain = done();
        for (Declarable entity : ledger.recorded()) {
            boolean mayHaveGone = entity instanceof Queue queue && (queue.autoDelete() || queue.exclusive());
            if (mayHaveGone && !wanted.test((Queue) entity)) {
                ledger.unwanted(entity);
                continue;
            }
            chain = chain.thenCompose(done -> on == links && ledger.isRecorded(entity) ? restore(entity) : done())
                    .exceptionally(error -> {
                        LOG.log(System.Logger.Level.WARNING, "could not declare {0} again: {1}", entity, error);
                        if (cause(error) instanceof AmqpConnectionException lost && BrokerFaults.isFault(lost)) {
                            ledger.unwanted(entity); // whatever it was called on the link that ended for it
                        }
                        return null;
                    });
        }
        return chain.thenRun(() -> declarer.restoring(false));
    }

    private CompletableFuture<Void> restore(Declarable entity) {
        if (!(entity instanceof Queue queue) || !serverNamed.contains(queue.name())) {
            return declare(entity);
        }
        return renew(queue).thenCompose(info -> bindAll(queue));
    }

    private CompletableFuture<Method> send(Method method) {
        return declarer.send(method);
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
