package dev.holdfast.internal.channel;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.internal.concurrent.SerialExecutor;
import dev.holdfast.internal.concurrent.UserCallbacks;
import dev.holdfast.internal.inbound.DeliveryBatch;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.Quarantine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of one channel: handed their deliveries in order on the users' executor, and started again on every new
 * link under the tags they had.
 *
 * <p>Event loop only.
 */
public final class ChannelConsumers {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final ChannelRpc calls;
    private final ChannelContext host;
    private final Map<String, Consumer> byTag = new LinkedHashMap<>();
    private final SerialExecutor executor;

    /** By their tags, and only since they last were started. */
    private final Quarantine<String> poison = new Quarantine<>();

    private @Nullable DeliveryBatch batch;

    /** How many deliveries came together the last time. */
    private int lately = 16;

    /** Done when the consumers asked for so far are started or refused. */
    private CompletableFuture<?> starting = CompletableFuture.completedFuture(null);

    /** Deliveries that came before their consumer's consume-ok was handled have nowhere else to look. */
    private record Consumer(String queue, ConsumeOptions options, DeliveryHandler handler) {}

    ChannelConsumers(ChannelRpc calls, ChannelContext host) {
        this.calls = calls;
        this.host = host;
        this.executor = new SerialExecutor(task -> host.deliveryExecutor().execute(task));
    }

    boolean isEmpty() {
        return byTag.isEmpty();
    }

    /** Whether one of them consumes from this queue. */
    public boolean names(String queue) {
        return byTag.values().stream().anyMatch(consumer -> consumer.queue().equals(queue));
    }

    /** Starts a consumer; the future is its tag. */
    CompletableFuture<String> start(String queue, ConsumeOptions options, DeliveryHandler handler) {
        Consumer consumer = new Consumer(queue, options, handler);
        CompletableFuture<String> started = starting.thenCompose(before -> startNext(consumer));
        starting = started.handle((tag, error) -> null);
        return started;
    }

    /** A limit belongs to the consumer that is started next: one at a time, and both on one link. */
    private CompletableFuture<String> startNext(Consumer consumer) {
        String wanted = consumer.options().consumerTag();
        if (byTag.containsKey(wanted)) { // the broker would close the connection for it
            throw new IllegalArgumentException(
                    "consumerTag: '" + wanted + "' (expected: one that no other consumer of the channel has)");
        }
        long on = host.epoch();
        return calls.call(qos(consumer.options())).thenCompose(done -> {
            if (host.epoch() != on) {
                return startNext(consumer);
            }
            return calls.call(consume(consumer, wanted)).thenApply(reply -> {
                String tag = ((BasicMethods.ConsumeOk) reply).consumerTag();
                byTag.put(tag, consumer);
                return tag;
            });
        });
    }

    /**
     * Starts all of them again, on a new link, each when the one before it is answered. One that cannot be started is told
     * that it is cancelled, as is one that ended two connections.
     *
     * @param alone whether nothing else is asked of the broker meanwhile: of several that it may have closed for, all are
     *     under suspicion once, and only the one that it closes for when it is alone is so a second time
     */
    CompletableFuture<Void> resume(boolean alone) {
        CompletableFuture<Void> chain = CompletableFuture.completedFuture(null);
        for (Map.Entry<String, Consumer> each : List.copyOf(byTag.entrySet())) {
            chain = chain.thenCompose(done -> restart(each.getKey(), each.getValue(), alone));
        }
        return chain;
    }

    private CompletableFuture<Void> restart(String tag, Consumer consumer, boolean alone) {
        String refusal = poison.refusal(tag, true);
        if (refusal != null) {
            LOG.log(System.Logger.Level.WARNING, "consumer {0} is not started again: {1}", tag, refusal);
            cancelledByBroker(tag);
            return CompletableFuture.completedFuture(null);
        }
        return restart(tag, qos(consumer.options()), alone)
                .thenCompose(done -> restart(tag, consume(consumer, tag), alone))
                .thenAccept(done -> poison.forget(tag));
    }

    private CompletableFuture<Method> restart(String tag, Method method, boolean alone) {
        return calls.setup(method).whenComplete((reply, error) -> {
            if (error instanceof AmqpConnectionException lost
                    && !poison.ended(tag, method, lost, alone)
                    && alone
                    && lost.initiator() == Initiator.NETWORK) {
                poison.cut(tag);
            }
        });
    }

    private static BasicMethods.Qos qos(ConsumeOptions options) {
        return new BasicMethods.Qos(0, options.prefetch(), false);
    }

    private BasicMethods.Consume consume(Consumer consumer, String tag) {
        ConsumeOptions options = consumer.options();
        return new BasicMethods.Consume(
                host.currentName(consumer.queue()),
                tag,
                false,
                options.noAck(),
                options.exclusive(),
                false,
                options.arguments());
    }

    /** Stops a consumer: deliveries that are under way still come until the broker has answered. */
    CompletableFuture<Void> cancel(String tag) {
        return calls.call(new BasicMethods.Cancel(tag, false)).thenAccept(reply -> byTag.remove(tag));
    }

    /** basic.cancel from the broker: the queue was deleted, or moved to another node. */
    void cancelledByBroker(String tag) {
        handOver();
        Consumer consumer = byTag.remove(tag);
        poison.forget(tag);
        if (consumer != null) {
            UserCallbacks.run(executor, () -> consumer.handler().cancelled(tag));
        }
    }

    /** The channel is gone for good. */
    void closed(@Nullable AmqpException cause) {
        handOver();
        if (cause != null) {
            List.copyOf(byTag.keySet()).forEach(this::cancelledByBroker);
        }
        byTag.clear();
    }

    /** basic.deliver with its content. */
    void delivered(Delivery delivery) {
        Consumer consumer = byTag.get(delivery.consumerTag());
        if (consumer == null) {
            return; // cancelled while it was under way: the broker takes it back with the channel
        }
        DeliveryBatch gathering = batch;
        if (gathering == null) {
            gathering = new DeliveryBatch(lately, host.backlog());
            batch = gathering;
        }
        if (gathering.add(consumer.handler(), delivery)) {
            handOver();
        }
    }

    /** Nothing more comes at once: what was gathered goes to its handlers. */
    void handOver() {
        DeliveryBatch gathered = batch;
        if (gathered == null) {
            return;
        }
        batch = null;
        lately = gathered.size();
        host.backlog().added(gathered.bytes());
        try {
            executor.add(gathered);
        } catch (RuntimeException | Error e) {
            host.backlog().handled(gathered.bytes());
            if (e instanceof Error error) {
                throw error;
            }
            LOG.log(System.Logger.Level.WARNING, "an executor refused deliveries: they stay unacknowledged", e);
        }
    }
}
