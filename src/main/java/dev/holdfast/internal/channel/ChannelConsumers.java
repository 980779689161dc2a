package dev.holdfast.internal.channel;

import static java.util.Objects.requireNonNullElse;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.Quarantine;
import dev.holdfast.internal.topology.RestoreRetries;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of one channel: starts and ends them, starts them again on every new link under the same tags, and
 * passes their deliveries on.
 *
 * <p>Event loop only.
 */
public final class ChannelConsumers {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");
    private static final String QUEUE_DECLARE = "queue.declare";

    private final ChannelRpc rpc;
    private final DeliveryBacklog backlog;
    private final ConsumedQueues queues;
    private final ChannelWriter writer;
    private final Map<String, ChannelConsumer> byTag = new LinkedHashMap<>();
    private final DeliveryHandover handover;

    /** Faults by consumer tag, each since the last successful start of that consumer. */
    private final Quarantine<String> quarantine = new Quarantine<>();

    /** Tags of consumers that were started after their caller had given up, and are being cancelled. */
    private final Set<String> abandoned = new HashSet<>();

    /** Faults of deliveries by consumer tag, each since the last link that ended for another reason. */
    private final Quarantine<String> deliveries = new Quarantine<>();

    /** Consumers that the broker refused to start again. The others of the channel do not wait for them. */
    private final RestoreRetries<String> retries;

    /** The consumers that have received messages of a stream. */
    private final List<ChannelConsumer> streamConsumers = new CopyOnWriteArrayList<>();

    /** Done when every consumer that was requested so far is started or refused. */
    private CompletableFuture<?> starting = CompletableFuture.completedFuture(null);

    ChannelConsumers(
            ChannelRpc rpc, LinkHolder link, ChannelWriter writer, DeliveryResources inbound, ConsumedQueues queues) {
        this.rpc = rpc;
        this.writer = writer;
        this.backlog = inbound.backlog();
        this.handover = new DeliveryHandover(link, backlog, inbound.deliveryExecutor());
        this.queues = queues;
        this.retries = new RestoreRetries<>(queues.restorePolicy(), this::retry);
    }

    boolean isEmpty() {
        return byTag.isEmpty();
    }

    /** Starts a consumer; the future is its tag. */
    CompletableFuture<String> start(String anyName, ConsumeOptions options, DeliveryHandler handler) {
        String queue = queues.lastingName(anyName);
        if (options.noAck() && queues.isStream(queue)) {
            throw new IllegalArgumentException("noAck: true (expected: false for the stream '" + queue + "')");
        }
        ChannelConsumer consumer = new ChannelConsumer(queue, options, handler, writer, backlog);
        queues.consumerAdded(queue);
        CompletableFuture<String> started = starting.thenCompose(previous -> startNext(consumer))
                .whenComplete((tag, error) -> {
                    if (error != null) {
                        notStarted(queue, error);
                    }
                });
        starting = started.handle((tag, error) -> null);
        return started;
    }

    private void notStarted(String queue, Throwable error) {
        if (isMissing(cause(error))) {
            queues.consumerEnded(queue, true);
        } else {
            queues.consumerNotStarted(queue);
        }
    }

    /**
     * Sends basic.qos and basic.consume in the same opening of the channel, for one consumer at a time: a prefetch
     * limit applies to the consumer that is started next.
     */
    private CompletableFuture<String> startNext(ChannelConsumer consumer) {
        String requestedTag = consumer.options().consumerTag();
        if (byTag.containsKey(requestedTag)) { // the broker would close the connection for it
            throw new IllegalArgumentException(
                    "consumerTag: '" + requestedTag + "' (expected: one that no other consumer of the channel has)");
        }
        long epoch = rpc.epoch();
        return rpc.call(qos(consumer.options())).thenCompose(qosOk -> {
            if (rpc.epoch() != epoch) {
                return startNext(consumer);
            }
            return rpc.call(consume(consumer, requestedTag)).thenApply(reply -> {
                String tag = ((BasicMethods.ConsumeOk) reply).consumerTag();
                byTag.put(tag, consumer);
                return tag;
            });
        });
    }

    /**
     * Starts all consumers again on a new channel, each after the reply for the previous one. A consumer that ended two
     * connections is cancelled; one that the broker refuses is tried again later, while its error may be temporary.
     *
     * @param alone whether no other request is outstanding, so that a close is attributed to the consumer that is
     *     being started. Otherwise each candidate gets one strike, and the cause is found when it is alone
     * @return fails if the channel has ended: its next opening goes on
     */
    CompletableFuture<Void> restartAll(boolean alone) {
        abandoned.clear();
        CompletableFuture<Void> chain = CompletableFuture.completedFuture(null);
        for (Map.Entry<String, ChannelConsumer> entry : List.copyOf(byTag.entrySet())) {
            chain = chain.thenCompose(done -> restart(entry.getKey(), entry.getValue(), alone));
        }
        return chain;
    }

    private CompletableFuture<Void> restart(String tag, ChannelConsumer consumer, boolean alone) {
        if (byTag.get(tag) != consumer || retries.isWaiting(tag)) {
            return CompletableFuture.completedFuture(null);
        }
        String refusal = quarantine.refusal(tag, true);
        if (refusal != null) {
            quarantined(tag, "consumer " + tag + " is not started again: " + refusal);
            return CompletableFuture.completedFuture(null);
        }
        AmqpChannelException undeclared = queues.restoreFailure(consumer.queue());
        if (undeclared != null && undeclared.failedMethod().equals(QUEUE_DECLARE)) { // else it may exist
            failed(tag, consumer, undeclared);
            return CompletableFuture.completedFuture(null);
        }
        return restart(tag, consumer, qos(consumer.options()), alone)
                .thenCompose(qosOk -> byTag.get(tag) == consumer
                        ? restart(tag, consumer, consume(consumer, tag), alone)
                        : CompletableFuture.completedFuture(qosOk)) // cancelled meanwhile
                .thenAccept(consumeOk -> {
                    quarantine.release(tag);
                    boolean unused = retries.succeeded(tag);
                })
                .exceptionallyCompose(error -> {
                    Throwable cause = cause(error);
                    if (cause instanceof AmqpException) {
                        return CompletableFuture.failedFuture(cause); // the channel has ended
                    }
                    failed(tag, consumer, cause); // such as a request that is larger than a frame
                    return CompletableFuture.completedFuture(null);
                });
    }

    private CompletableFuture<Method> restart(String tag, ChannelConsumer consumer, Method method, boolean alone) {
        return rpc.setup(method).whenComplete((reply, error) -> {
            if (error instanceof AmqpConnectionException lost) {
                if (!quarantine.recordClose(tag, method, lost, alone)
                        && alone
                        && lost.initiator() == Initiator.NETWORK) {
                    quarantine.recordLinkLoss(tag);
                }
            } else if (error instanceof AmqpException refused && isAnswerTo(method, refused)) {
                failed(tag, consumer, refused);
            }
        });
    }

    /** Whether the channel has ended because of this request, and not of another one that was sent before. */
    private static boolean isAnswerTo(Method method, AmqpException cause) {
        return !(cause instanceof AmqpChannelException refused)
                || refused.failedMethod().isEmpty()
                || refused.failedMethod().equals(method.methodName());
    }

    /** Whether the channel has ended because a consumer was not started: the others are started again. */
    static boolean isRefusedStart(Method request, AmqpException cause) {
        return (request instanceof BasicMethods.Consume || request instanceof BasicMethods.Qos)
                && isAnswerTo(request, cause);
    }

    private void failed(String tag, ChannelConsumer consumer, Throwable error) {
        if (byTag.get(tag) == consumer) {
            String item = "consumer '" + tag + "' of queue '" + consumer.queue() + "'";
            Throwable cause = cause(error);
            AmqpException pending = isMissing(cause) ? queues.restoreFailure(consumer.queue()) : null;
            AmqpException givenUp = retries.failed(tag, item, pending == null ? cause : pending);
            if (givenUp != null) {
                cancelled(tag, givenUp);
            }
        }
    }

    /**
     * Tries a refused consumer again on the open channel. A refusal closes the channel for all of its consumers: the
     * queue is checked on the channel for declarations before.
     */
    private void retry(String tag) {
        ChannelConsumer consumer = byTag.get(tag);
        if (consumer == null || !rpc.isReady()) {
            return; // restartAll or ready starts it
        }
        long epoch = rpc.epoch();
        queues.checkConsumable(consumer.queue(), consumer.options().exclusive()).whenComplete((done, error) -> {
            if (retries.failure(tag) == null) {
                return; // the link is lost, or the consumer is cancelled
            }
            if (error != null) {
                failed(tag, consumer, error);
                return;
            }
            starting = starting.thenCompose(previous -> rpc.isReady() && rpc.epoch() == epoch
                            ? restart(tag, consumer, false)
                            : CompletableFuture.<Void>completedFuture(null))
                    .handle((started, refused) -> {
                        if (refused != null && !(cause(refused) instanceof AmqpException)) { // else the channel ended
                            failed(tag, consumer, refused);
                        }
                        return null;
                    });
        });
    }

    /** The channel is set up: tries the consumers whose delay was over meanwhile, after their turn. */
    void ready() {
        if (!retries.isEmpty()) {
            for (String tag : List.copyOf(byTag.keySet())) {
                if (retries.failure(tag) != null && !retries.isWaiting(tag)) {
                    retry(tag);
                }
            }
        }
    }

    /** The queue is declared again: consumers that wait for it are tried at once. */
    public void queueRestored(String queue) {
        for (Map.Entry<String, ChannelConsumer> entry : List.copyOf(byTag.entrySet())) {
            if (entry.getValue().queue().equals(queue)) {
                retries.tryNow(entry.getKey());
            }
        }
    }

    private static BasicMethods.Qos qos(ConsumeOptions options) {
        return new BasicMethods.Qos(0, options.prefetch(), false);
    }

    private BasicMethods.Consume consume(ChannelConsumer consumer, String tag) {
        ConsumeOptions options = consumer.options();
        return new BasicMethods.Consume(
                queues.currentName(consumer.queue()),
                tag,
                false,
                options.noAck(),
                options.exclusive(),
                false,
                consumer.startArguments(rpc.epoch()));
    }

    /** Stops a consumer. Deliveries that arrive before the broker's reply still reach the handler. */
    CompletableFuture<Void> cancel(String tag) {
        if (retries.isWaiting(tag)) { // the broker does not know it
            cancelled(tag);
            return CompletableFuture.completedFuture(null);
        }
        return rpc.call(new BasicMethods.Cancel(tag, false)).thenAccept(reply -> cancelled(tag));
    }

    /** The broker has cancelled the consumer at the request of this side. */
    void cancelled(String tag) {
        remove(tag, false);
        abandoned.remove(tag);
    }

    /** The broker has started a consumer whose caller has given up. It is stopped; what it is sent is requeued. */
    void startedLate(String tag) {
        abandoned.add(tag);
        CompletableFuture<Void> unused = cancel(tag);
    }

    /**
     * Removes a consumer that has ended and notifies its handler.
     *
     * @param reason null for basic.cancel from the broker: the queue was deleted, or moved to another node
     */
    void cancelled(String tag, @Nullable AmqpException reason) {
        ChannelConsumer consumer = remove(tag, reason == null);
        if (consumer != null) {
            consumer.ended();
            handover.runAfter(() -> consumer.cancelled(tag, reason));
        }
    }

    private @Nullable ChannelConsumer remove(String tag, boolean queueDeleted) {
        quarantine.release(tag);
        deliveries.release(tag);
        boolean unused = retries.remove(tag);
        ChannelConsumer consumer = byTag.remove(tag);
        if (consumer != null) {
            streamConsumers.remove(consumer);
            queues.consumerEnded(consumer.queue(), queueDeleted);
        }
        return consumer;
    }

    private void quarantined(String tag, String reason) {
        LOG.log(System.Logger.Level.WARNING, reason);
        cancelled(tag, new AmqpConnectionException(reason, null, 0, Initiator.CLIENT, false));
    }

    /** The channel is closed and not opened again: cancels all consumers. */
    void closed() {
        cancelAll(rpc.closedBy());
    }

    /** Cancels all consumers, for this reason. */
    void cancelAll(@Nullable AmqpException reason) {
        List.copyOf(byTag.keySet()).forEach(tag -> cancelled(tag, reason));
    }

    /** The link is lost: the next one starts all consumers. */
    void linkLost() {
        retries.clear();
    }

    /** The link was lost, but not because of a delivery. */
    void deliveriesInnocent() {
        deliveries.clear();
    }

    /** A message of this channel was acknowledged or rejected. Any thread. */
    void settled(long deliveryTag, boolean multiple, long epoch) {
        for (ChannelConsumer consumer : streamConsumers) {
            consumer.position().settled(deliveryTag, multiple, epoch);
        }
    }

    /**
     * The link ended because a delivery could not be processed. The broker delivers the message again on the next link:
     * its consumer is cancelled if it ends two links in a row.
     *
     * @param recipient null if the consumer tag could not be read: each consumer of the channel may be the recipient
     */
    void deliveryFailed(@Nullable String recipient, AmqpException cause) {
        for (String tag : List.copyOf(byTag.keySet())) {
            String refusal = recipient == null || recipient.equals(tag) ? deliveries.recordFault(tag, cause) : null;
            if (refusal != null) {
                quarantined(tag, "consumer " + tag + " is cancelled, because of a delivery: " + refusal);
            }
        }
    }

    /** Handles basic.deliver with its content. */
    void delivered(Delivery delivery, long propertiesBytes) {
        ChannelConsumer consumer = byTag.get(delivery.consumerTag());
        if (consumer == null) {
            if (abandoned.contains(delivery.consumerTag())) {
                requeue(delivery.deliveryTag(), delivery.epoch());
            }
            return; // cancelled meanwhile: the broker requeues the message when the channel closes
        }
        if (consumer.received(delivery) && !streamConsumers.contains(consumer)) {
            streamConsumers.add(consumer);
        }
        handover.add(consumer, delivery, propertiesBytes);
    }

    /** Requeues a message of a call that has failed before its reply. */
    void requeue(long deliveryTag, long epoch) {
        boolean unused = writer.send(new BasicMethods.Reject(deliveryTag, true), epoch);
    }

    /** No more deliveries follow in this read. */
    void handOver() {
        handover.handOver();
    }

    private static boolean isMissing(Throwable cause) {
        return cause instanceof AmqpChannelException refused && refused.replyCode() == ReplyCode.NOT_FOUND.code();
    }

    private static Throwable cause(Throwable error) {
        return requireNonNullElse(error instanceof CompletionException ? error.getCause() : null, error);
    }
}
