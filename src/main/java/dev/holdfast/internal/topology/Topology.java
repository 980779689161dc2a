package dev.holdfast.internal.topology;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Binding;
import dev.holdfast.Declarable;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import dev.holdfast.QueueInfo;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.concurrent.UserCallbacks;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.internal.state.BrokerFaults;
import java.util.HashMap;
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
 * <p>Event loop only, except for methods that say "any thread".
 */
public final class Topology {
    /** Start of the names that RabbitMQ generates. It refuses to declare them. */
    private static final String GENERATED = "amq.gen-";

    private final TopologyRegistry registry;
    private final DeclareCalls calls;
    private final Executor callbackExecutor;

    private final ServerNames names = new ServerNames();

    /** Names of the streams that were declared. Any thread may read it. */
    private final Set<String> streams = ConcurrentHashMap.newKeySet();

    /** Entities that could not be declared again, and are tried again later. */
    private final RestoreRetries<Declarable> retries;

    /** Receives the names of queues whose restore succeeds after a failure. */
    private Consumer<String> onRestored = queue -> {};

    /** The number of consumers by the first name of the queue, also of those that wait for a link. */
    private final Map<String, Integer> consumers = new HashMap<>();

    /** Number of lost links. A restore that began on a lost link must not continue on the next one. */
    private long lostLinks;

    /**
     * @param channel sends a method on the channel for declarations
     * @param registry records the declared entities
     * @param callbackExecutor runs {@link Queue#onDeclared}
     * @param policy when an entity is tried again that could not be restored
     */
    public Topology(
            Function<Method, CompletableFuture<Method>> channel,
            TopologyRegistry registry,
            Executor callbackExecutor,
            RestoreRetries.Policy policy) {
        this.registry = registry;
        this.calls = new DeclareCalls(channel, registry);
        this.callbackExecutor = callbackExecutor;
        this.retries = new RestoreRetries<>(policy, this::restoreRecorded);
    }

    /** Sets what receives the names of queues whose restore succeeds after a failure. */
    public void onRestored(Consumer<String> listener) {
        onRestored = listener;
    }

    /** Returns the present name of the queue that has or had this name. Any thread. */
    public String currentName(String queue) {
        return names.current(queue);
    }

    /** Returns the first name of the queue that has or had this name, which is never forgotten. Any thread. */
    public String lastingName(String queue) {
        return names.key(queue);
    }

    /** Whether a queue of this name was declared through this connection as a stream. Any thread. */
    public boolean isStream(String queue) {
        return streams.contains(queue);
    }

    /**
     * Why the queue could not be restored on this link, while that is tried again; else null. The failed method is that
     * of its exchange, of itself, or of a binding.
     */
    public @Nullable AmqpChannelException restoreFailure(String queue) {
        if (retries.isEmpty()) {
            return null;
        }
        for (Declarable entity : registry.recorded()) {
            if (entity instanceof Queue recorded
                    && recorded.name().equals(names.key(queue))
                    && retries.failure(recorded) instanceof AmqpChannelException refused) {
                return refused;
            }
        }
        return null;
    }

    /**
     * Tells without an effect on other consumers whether the broker would start a consumer now: fails if the queue does
     * not exist, is locked, or has consumers where an exclusive one is wanted.
     */
    public CompletableFuture<Void> checkConsumable(String queue, boolean exclusive) {
        Queue passive = Queue.of(currentName(queue)).passive(true);
        return send(DeclareMethods.of(passive)).thenAccept(reply -> {
            long others = ((QueueMethods.DeclareOk) reply).consumerCount();
            if (exclusive && others > 0) {
                throw new AmqpChannelException(
                        "queue '" + passive.name() + "' has " + others + " consumers (expected: none, exclusive)",
                        0,
                        ReplyCode.ACCESS_REFUSED.code(),
                        "basic.consume",
                        true);
            }
        });
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
                .thenAccept(reply -> declared(exchange, exchange.passive(), !exchange.autoDelete()));
    }

    private void declared(Declarable entity, boolean passive, boolean lasts) {
        registry.add(entity, passive, lasts);
        if (retries.succeeded(entity) && entity instanceof Queue queue) {
            onRestored.accept(queue.name());
        }
    }

    /**
     * Declares the exchange of a queue, the queue, and its bindings, in this order. The future has its name and counts.
     */
    public CompletableFuture<QueueInfo> declare(Queue queue) {
        if (queue.noDeclare()) {
            return CompletableFuture.completedFuture(new QueueInfo(queue.name(), 0, 0));
        }
        if (names.contains(queue.name()) || (queue.name().startsWith(GENERATED) && !queue.passive())) {
            return redeclareServerNamed(queue.named(names.key(queue.name())));
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
                            boolean unusedNew = names.add(info.name());
                        }
                        if (!queue.passive()) {
                            noteType(queue);
                        }
                        boolean lasts = !queue.autoDelete()
                                && !queue.exclusive()
                                && !queue.arguments().containsKey("x-expires");
                        declared(named, queue.passive(), lasts);
                        return info;
                    });
                });
    }

    private void noteType(Queue queue) {
        boolean unused = "stream".equals(queue.arguments().get("x-queue-type"))
                ? streams.add(queue.name())
                : streams.remove(queue.name());
    }

    /** Declares passively: RabbitMQ refuses an active declare of a server-generated name, even if the queue exists. */
    private CompletableFuture<QueueInfo> redeclareServerNamed(Queue queue) {
        Queue passive = queue.named(currentName(queue.name())).passive(true);
        return declareWithoutBindings(passive)
                .exceptionallyCompose(error -> isMissing(error) && !queue.passive()
                        ? replaceServerNamed(queue)
                        : CompletableFuture.failedFuture(error))
                .thenCompose(info -> bindAll(queue).thenApply(unused -> {
                    if (names.add(queue.name())) { // it had been forgotten
                        registry.add(queue, queue.passive(), false);
                    } else if (retries.succeeded(queue)) {
                        onRestored.accept(queue.name());
                    }
                    return info;
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
            names.renamed(queue.name(), info.name());
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
        Binding keyed = withKey(binding);
        return ensure(binding.source())
                .thenCompose(unused -> send(bindMethod(keyed)))
                .thenAccept(reply -> declared(keyed, false, true));
    }

    /** Bindings are recorded with the first name of a server-named queue. */
    private Binding withKey(Binding binding) {
        String key = names.key(binding.destination());
        return DeclareMethods.isToQueue(binding) && !key.equals(binding.destination()) ? binding.toQueue(key) : binding;
    }

    private Method bindMethod(Binding binding) {
        return DeclareMethods.bind(binding, currentName(binding.destination()));
    }

    /** queue.unbind or exchange.unbind. */
    public CompletableFuture<Void> unbind(Binding binding) {
        Method method = DeclareMethods.unbind(binding, currentName(binding.destination()));
        return send(method).thenAccept(reply -> registry.removeBinding(withKey(binding)));
    }

    /** A consumer of this queue is requested. */
    public void consumerAdded(String queue) {
        consumers.merge(names.key(queue), 1, Integer::sum);
    }

    /** A requested consumer does not exist any more. Returns whether it was the last one of this queue. */
    public boolean consumerRemoved(String queue) {
        return consumers.computeIfPresent(names.key(queue), (name, count) -> count == 1 ? null : count - 1) == null;
    }

    /**
     * A requested consumer of this queue has ended. After the last one, an auto-delete queue does not exist any more.
     *
     * @param deleted whether the broker has said that the queue does not exist
     */
    public void consumerEnded(String queue, boolean deleted) {
        if (consumerRemoved(queue) && (deleted || registry.isAutoDelete(names.key(queue)))) {
            forget(queue);
        }
    }

    /** The queue does not exist any more: neither it nor its bindings are declared again. */
    private void forget(String queue) {
        String key = names.key(queue);
        names.remove(key);
        streams.remove(key);
        registry.removeQueue(key);
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
        retries.clear();
        registry.clearDeclared();
    }

    /**
     * Declares all recorded entities again, each once. An entity that fails is tried again later with a backoff, while
     * its error may be temporary: it does not prevent the recovery of the others. Auto-delete and exclusive queues
     * without a consumer, which the broker may have deleted, are not declared again, nor are bindings whose ends do not
     * exist.
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
            chain = chain.thenCompose(unused -> startedAt == lostLinks ? restore(entity) : completed());
        }
        return chain.thenRun(() -> calls.restoring(false));
    }

    private void restoreRecorded(Declarable entity) {
        CompletableFuture<Void> unused = restore(entity);
    }

    /** Declares an entity again if it is still recorded. The future does not fail. */
    private CompletableFuture<Void> restore(Declarable entity) {
        if (!registry.isRecorded(entity)) {
            boolean waited = retries.remove(entity);
            return waited ? restoreSuccessor(entity) : completed();
        }
        long startedAt = lostLinks;
        return declareAgain(entity).exceptionally(error -> {
            boolean ended = cause(error) instanceof AmqpConnectionException lost && BrokerFaults.isFault(lost);
            if (ended) {
                registry.removeRecorded(entity);
            }
            boolean givenUp = startedAt == lostLinks && retries.failed(entity, String.valueOf(entity), error) != null;
            if (givenUp && entity instanceof Binding && isMissing(error)) {
                registry.removeRecorded(entity); // a server-named queue has another name on each link
            }
            return null;
        });
    }

    /** What is recorded of a queue changes with its bindings and its exchange while it waits for its restore. */
    private CompletableFuture<Void> restoreSuccessor(Declarable entity) {
        for (Declarable recorded : registry.recorded()) {
            if (entity instanceof Queue queue
                    && recorded instanceof Queue successor
                    && successor.name().equals(queue.name())
                    && !registry.isDeclared(successor)) {
                return restore(successor);
            }
        }
        return completed();
    }

    private CompletableFuture<Void> declareAgain(Declarable entity) {
        if (!(entity instanceof Queue queue) || !names.contains(queue.name())) {
            return declare(entity);
        }
        if (retries.failure(queue) != null) { // it may be declared, and a binding may have failed
            return redeclareServerNamed(queue).thenAccept(info -> {});
        }
        return replaceServerNamed(queue)
                .thenCompose(info -> bindAll(queue))
                .thenRun(() -> declared(queue, queue.passive(), false));
    }

    private CompletableFuture<Method> send(Method method) {
        return calls.send(method);
    }

    private static CompletableFuture<Void> completed() {
        return CompletableFuture.completedFuture(null);
    }
}
