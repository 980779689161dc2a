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
import java.util.HashMap;
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
import org.jspecify.annotations.Nullable;

/**
 * Declares, deletes and binds entities, and declares them again on every new link. The methods are sent on a channel of
 * their own, so that a refused one does not close a channel of the user.
 *
 * <p>Event loop only, but for {@link #currentName}.
 */
public final class Topology {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    /** Start of the names that RabbitMQ generates. It refuses to declare them. */
    private static final String GENERATED = "amq.gen-";

    private final TopologyRegistry registry;
    private final DeclareCalls calls;
    private final Executor callbackExecutor;

    /** Maps the first name of a server-named queue, which the user has, to its name on this link, if they differ. */
    private final Map<String, String> currentNames = new ConcurrentHashMap<>();

    /** First names of the server-named queues. */
    private final Set<String> serverNamed = new HashSet<>();

    /** The number of consumers by queue, also of those that wait for a link. */
    private final Map<String, Integer> consumers = new HashMap<>();

    /** Number of lost links. A restore that began on a lost link must not continue on the next one. */
    private long lostLinks;

    /**
     * @param channel sends a method on the channel for declarations
     * @param registry records the declared entities
     * @param callbackExecutor runs {@link Queue#onDeclared}
     */
    public Topology(
            Function<Method, CompletableFuture<Method>> channel, TopologyRegistry registry, Executor callbackExecutor) {
        this.registry = registry;
        this.calls = new DeclareCalls(channel, registry);
        this.callbackExecutor = callbackExecutor;
    }

    /** Returns the current name of a queue. Any thread. */
    public String currentName(String queue) {
        return currentNames.getOrDefault(queue, queue);
    }

    /**
     * Declares entities one after another. If {@code always} is false, entities already declared on this link are
     * skipped.
     */
    public CompletableFuture<Void> declare(List<? extends Declarable> entities, boolean always) {
        CompletableFuture<Void> chain = completed();
        for (Declarable entity : entities) {
            chain = chain.thenCompose(unused -> always ? declare(entity) : ensure(entity));
        }
        return chain;
    }

    private CompletableFuture<Void> ensure(Declarable entity) {
        return registry.isDeclared(entity) ? completed() : declare(entity);
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

    /** exchange.declare; nothing is sent for predeclared exchanges and those marked {@code noDeclare}. */
    public CompletableFuture<Void> declare(Exchange exchange) {
        if (exchange.predeclared() || exchange.noDeclare()) {
            return completed();
        }
        return send(DeclareMethods.of(exchange))
                .thenAccept(reply -> registry.add(exchange, exchange.passive(), !exchange.autoDelete()));
    }

    /**
     * Declares the exchange of a queue, the queue, and its bindings, in this order. The future has its name and counts.
     */
    public CompletableFuture<QueueInfo> declare(Queue queue) {
        if (queue.noDeclare()) {
            return CompletableFuture.completedFuture(new QueueInfo(queue.name(), 0, 0));
        }
        if (serverNamed.contains(queue.name()) || (queue.name().startsWith(GENERATED) && !queue.passive())) {
            return redeclareServerNamed(queue);
        }
        return ensure(queue.exchange())
                .thenCompose(unused -> queue.passive()
                        ? forgetIfMissing(queue.name(), declareWithoutBindings(queue))
                        : declareWithoutBindings(queue))
                .thenCompose(info -> {
                    boolean isServerNamed = queue.name().isEmpty();
                    Queue named = isServerNamed ? queue.named(info.name()) : queue;
                    return bindAll(named).thenApply(unused -> {
                        if (isServerNamed) {
                            serverNamed.add(info.name());
                        }
                        boolean lasts = !queue.autoDelete()
                                && !queue.exclusive()
                                && !queue.arguments().containsKey("x-expires");
                        registry.add(named, queue.passive(), lasts);
                        return info;
                    });
                });
    }

    /** Declares passively: RabbitMQ refuses an active declare of a server-generated name, even if the queue exists. */
    private CompletableFuture<QueueInfo> redeclareServerNamed(Queue queue) {
        Queue passive = queue.named(currentName(queue.name())).passive(true);
        return declareWithoutBindings(passive)
                .exceptionallyCompose(
                        error -> isMissing(error) ? replaceServerNamed(queue) : CompletableFuture.failedFuture(error))
                .thenCompose(info -> bindAll(queue).thenApply(unused -> {
                    if (serverNamed.add(queue.name())) { // it had been forgotten
                        registry.add(queue, queue.passive(), false);
                    }
                    return new QueueInfo(queue.name(), info.messageCount(), info.consumerCount());
                }));
    }

    private static boolean isMissing(@Nullable Throwable error) {
        return cause(error) instanceof AmqpChannelException refused && refused.replyCode() == 404;
    }

    private static @Nullable Throwable cause(@Nullable Throwable error) {
        return error instanceof CompletionException ? error.getCause() : error;
    }

    /** Declares a new server-named queue in place of the one that no longer exists. */
    private CompletableFuture<QueueInfo> replaceServerNamed(Queue queue) {
        return declareWithoutBindings(queue.named("")).thenApply(info -> {
            currentNames.put(queue.name(), info.name());
            return info;
        });
    }

    private CompletableFuture<Void> bindAll(Queue queue) {
        CompletableFuture<Void> chain = completed();
        for (Binding binding : queue.bindings()) {
            boolean declared = binding.source().equals(queue.exchange()); // declared before the queue
            chain = chain.thenCompose(unused -> declared ? completed() : ensure(binding.source()))
                    .thenCompose(unused -> send(bindMethod(binding)))
                    .thenApply(reply -> null);
        }
        return chain;
    }

    private CompletableFuture<QueueInfo> declareWithoutBindings(Queue queue) {
        return send(DeclareMethods.of(queue)).thenApply(reply -> {
            QueueMethods.DeclareOk ok = (QueueMethods.DeclareOk) reply;
            QueueInfo info = new QueueInfo(ok.queue(), ok.messageCount(), ok.consumerCount());
            Consumer<QueueInfo> callback = queue.onDeclared();
            if (callback != null) {
                UserCallbacks.run(callbackExecutor, () -> callback.accept(info));
            }
            return info;
        });
    }

    /** queue.bind or exchange.bind. */
    public CompletableFuture<Void> bind(Binding binding) {
        return ensure(binding.source())
                .thenCompose(unused -> send(bindMethod(binding)))
                .thenAccept(reply -> registry.add(binding, false, true));
    }

    private Method bindMethod(Binding binding) {
        return DeclareMethods.bind(binding, currentName(binding.destination()));
    }

    /** queue.unbind or exchange.unbind. */
    public CompletableFuture<Void> unbind(Binding binding) {
        Method method = DeclareMethods.unbind(binding, currentName(binding.destination()));
        return send(method).thenAccept(reply -> registry.removeBinding(binding));
    }

    /** A consumer of this queue is requested. */
    public void consumerAdded(String queue) {
        consumers.merge(queue, 1, Integer::sum);
    }

    /** A requested consumer does not exist any more. Returns whether it was the last one of this queue. */
    public boolean consumerRemoved(String queue) {
        return consumers.merge(queue, -1, (count, change) -> count == 1 ? null : count + change) == null;
    }

    /**
     * A requested consumer of this queue has ended. After the last one, an auto-delete queue does not exist any more.
     *
     * @param deleted whether the broker has said that the queue does not exist
     */
    public void consumerEnded(String queue, boolean deleted) {
        if (consumerRemoved(queue) && (deleted || registry.isAutoDelete(queue))) {
            forget(queue);
        }
    }

    /** The queue does not exist any more: neither it nor its bindings are declared again. */
    private void forget(String queue) {
        currentNames.remove(queue);
        serverNamed.remove(queue);
        registry.removeQueue(queue);
    }

    private <T> CompletableFuture<T> forgetIfMissing(String queue, CompletableFuture<T> call) {
        return call.whenComplete((done, error) -> {
            if (isMissing(error)) {
                forget(queue);
            }
        });
    }

    /** queue.purge; the future is the number of purged messages. */
    public CompletableFuture<Long> purge(String queue) {
        return forgetIfMissing(queue, send(new QueueMethods.Purge(currentName(queue), false)))
                .thenApply(reply -> ((QueueMethods.PurgeOk) reply).messageCount());
    }

    /** queue.delete; the future is the number of deleted messages. */
    public CompletableFuture<Long> deleteQueue(String queue, boolean ifUnused, boolean ifEmpty) {
        return send(new QueueMethods.Delete(currentName(queue), ifUnused, ifEmpty, false))
                .thenApply(reply -> {
                    forget(queue);
                    return ((QueueMethods.DeleteOk) reply).messageCount();
                });
    }

    /** exchange.delete. */
    public CompletableFuture<Void> deleteExchange(String exchange, boolean ifUnused) {
        return send(new ExchangeMethods.Delete(exchange, ifUnused, false))
                .thenAccept(reply -> registry.removeExchange(exchange));
    }

    /** The link was lost: no entity is known to be declared. */
    public void linkLost() {
        lostLinks++;
        registry.clearDeclared();
    }

    /**
     * Declares all recorded entities again. A declaration that fails is logged and skipped, so that it does not prevent
     * the recovery of the connection. Auto-delete and exclusive queues without a consumer, which the broker may have
     * deleted, are not declared again, nor are bindings whose ends do not exist.
     */
    public CompletableFuture<Void> restore() {
        long startedAt = lostLinks;
        calls.restoring(true);
        for (Declarable entity : registry.recorded()) {
            if (entity instanceof Queue queue
                    && (queue.autoDelete() || queue.exclusive())
                    && !consumers.containsKey(queue.name())) {
                forget(queue.name());
            }
        }
        CompletableFuture<Void> chain = completed();
        for (Declarable entity : registry.recorded()) {
            chain = chain.thenCompose(unused ->
                            startedAt == lostLinks && registry.isRecorded(entity) ? restore(entity) : completed())
                    .exceptionally(error -> {
                        LOG.log(System.Logger.Level.WARNING, "could not declare {0} again: {1}", entity, error);
                        boolean ended =
                                cause(error) instanceof AmqpConnectionException lost && BrokerFaults.isFault(lost);
                        if (ended || (entity instanceof Binding && isMissing(error))) {
                            registry.removeRecorded(entity); // a server-named queue has another name on each link
                        }
                        return null;
                    });
        }
        return chain.thenRun(() -> calls.restoring(false));
    }

    private CompletableFuture<Void> restore(Declarable entity) {
        if (!(entity instanceof Queue queue) || !serverNamed.contains(queue.name())) {
            return declare(entity);
        }
        return replaceServerNamed(queue).thenCompose(info -> bindAll(queue));
    }

    private CompletableFuture<Method> send(Method method) {
        return calls.send(method);
    }

    private static CompletableFuture<Void> completed() {
        return CompletableFuture.completedFuture(null);
    }
}
