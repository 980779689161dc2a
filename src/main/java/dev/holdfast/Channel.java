package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.TxMethods;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.session.Session;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel of the user's own: declares, consumes, gets, acknowledges, runs transactions.
 *
 * <p>Each call has a blocking and an {@code Async} form; each method that it sends is answered
 * within {@link ConnectionOptions#rpcTimeout()} or fails (declaring a queue sends one for its exchange, itself and each binding). Definitions
 * are made on a channel that the connection keeps for them: a refused declaration fails its call and closes nothing of
 * yours. When the connection is lost the channel comes back with its consumers; calls that were not sent yet wait for it,
 * those that were fail with {@link AmqpConnectionException}. A channel in a transaction is not reopened.
 *
 * <p>Errors: {@link AmqpChannelException} where the broker refuses, in its words; {@link AmqpTimeoutException} where it
 * does not answer. Thread-safe.
 */
public final class Channel extends ChannelSource implements AutoCloseable {
    private final Session session;
    private final RecoveringChannel channel;

    /** For consumers that do not say it themselves. */
    private volatile int prefetch = ConsumeOptions.DEFAULT_PREFETCH;

    private volatile boolean closed;

    Channel(Session session, RecoveringChannel channel) {
        this.session = session;
        this.channel = channel;
    }

    /** Declares an exchange; with {@code passive}, asks whether it is there. */
    public void declare(Exchange exchange) {
        Void unused = wait(declareAsync(exchange), "exchange.declare");
    }

    /** Asynchronous form of {@link #declare(Exchange)}. */
    public CompletableFuture<Void> declareAsync(Exchange exchange) {
        requireNonNull(exchange, "exchange");
        return told(session.topology(topology -> topology.declare(exchange)));
    }

    /**
     * Declares a queue after its exchange, and binds it.
     *
     * @return the queue by its name: the same, or for a server-named one a copy that is named
     */
    public Queue declare(Queue queue) {
        return wait(declareAsync(queue), "queue.declare");
    }

    /** Asynchronous form of {@link #declare(Queue)}. */
    public CompletableFuture<Queue> declareAsync(Queue queue) {
        DeclareValidator.check(requireNonNull(queue, "queue"));
        return told(session.topology(topology -> topology.declare(queue)))
                .thenApply(info -> queue.name().isEmpty() ? queue.named(info.name()) : queue);
    }

    /** Declares these in their order, bindings too. */
    public void declare(Declarable... entities) {
        Void unused = wait(declareAsync(List.of(entities)), "declare");
    }

    /** Asynchronous form of {@link #declare(Declarable...)}. */
    public CompletableFuture<Void> declareAsync(List<? extends Declarable> entities) {
        List<Declarable> checked = DeclareValidator.checkAll(entities);
        return told(session.topology(topology -> topology.declare(checked, true)));
    }

    /** Asks for a queue's message and consumer counts, without making it. */
    public QueueInfo inspect(String queue) {
        return wait(inspectAsync(queue), "queue.declare");
    }

    /** Asynchronous form of {@link #inspect}. */
    public CompletableFuture<QueueInfo> inspectAsync(String queue) {
        Queue passive = Queue.of(queue).passive(true);
        return told(session.topology(topology -> topology.declare(passive)));
    }

    /** Binds a queue to an exchange, or an exchange to another. */
    public void bind(Binding binding) {
        Void unused = wait(bindAsync(binding), "bind");
    }

    /** Asynchronous form of {@link #bind}. */
    public CompletableFuture<Void> bindAsync(Binding binding) {
        DeclareValidator.check(requireNonNull(binding, "binding"));
        return told(session.topology(topology -> topology.bind(binding)));
    }

    /** Undoes a binding. */
    public void unbind(Binding binding) {
        Void unused = wait(unbindAsync(binding), "unbind");
    }

    /** Asynchronous form of {@link #unbind}. */
    public CompletableFuture<Void> unbindAsync(Binding binding) {
        DeclareValidator.check(requireNonNull(binding, "binding"));
        return told(session.topology(topology -> topology.unbind(binding)));
    }

    /** Binds a queue to a source: short for {@link #bind}. */
    public void bindTo(Queue queue, Exchange source, String routingKey) {
        bind(Binding.of(source, routingKey).toQueue(queue.name()));
    }

    /** Binds an exchange to a source, whose messages it then gets: short for {@link #bind}. */
    public void bindTo(Exchange exchange, Exchange source, String routingKey) {
        bind(Binding.of(source, routingKey).toExchange(exchange.name()));
    }

    /** Takes a queue's binding to a source back: short for {@link #unbind}. */
    public void unbindFrom(Queue queue, Exchange source, String routingKey) {
        unbind(Binding.of(source, routingKey).toQueue(queue.name()));
    }

    /** Takes an exchange's binding to a source back: short for {@link #unbind}. */
    public void unbindFrom(Exchange exchange, Exchange source, String routingKey) {
        unbind(Binding.of(source, routingKey).toExchange(exchange.name()));
    }

    /** Empties this queue: {@link #purge(String)} by its name. */
    public long purge(Queue queue) {
        return purge(queue.name());
    }

    /** Deletes this queue: {@link #deleteQueue(String, boolean, boolean)} by its name. */
    public long delete(Queue queue, boolean ifUnused, boolean ifEmpty) {
        return deleteQueue(queue.name(), ifUnused, ifEmpty);
    }

    /** Deletes this exchange: {@link #deleteExchange(String, boolean)} by its name. */
    public void delete(Exchange exchange, boolean ifUnused) {
        deleteExchange(exchange.name(), ifUnused);
    }

    /**
     * Empties a queue of the messages that wait in it.
     *
     * @return how many went
     */
    public long purge(String queue) {
        return wait(purgeAsync(queue), "queue.purge");
    }

    /** Asynchronous form of {@link #purge}. */
    public CompletableFuture<Long> purgeAsync(String queue) {
        requireName(queue);
        return told(session.topology(topology -> topology.purge(queue)));
    }

    /**
     * Deletes a queue.
     *
     * @return how many messages went with it
     */
    public long deleteQueue(String queue) {
        return deleteQueue(queue, false, false);
    }

    /**
     * Deletes a queue, on conditions. RabbitMQ ends the whole connection over a condition on a quorum queue.
     *
     * @param ifUnused only if it has no consumers
     * @param ifEmpty only if it has no messages
     * @return how many messages went with it
     */
    public long deleteQueue(String queue, boolean ifUnused, boolean ifEmpty) {
        return wait(deleteQueueAsync(queue, ifUnused, ifEmpty), "queue.delete");
    }

    /** Asynchronous form of {@link #deleteQueue(String, boolean, boolean)}. */
    public CompletableFuture<Long> deleteQueueAsync(String queue, boolean ifUnused, boolean ifEmpty) {
        requireName(queue);
        return told(session.topology(topology -> topology.deleteQueue(queue, ifUnused, ifEmpty)));
    }

    /** To the broker no name is the queue that was declared last, by whomever. */
    private static void requireName(String queue) {
        if (requireNonNull(queue, "queue").isEmpty()) {
            throw Arguments.invalid("queue", "''", "a name; declaring a server-named queue returns it");
        }
    }

    /** Deletes an exchange. */
    public void deleteExchange(String exchange) {
        deleteExchange(exchange, false);
    }

    /** Deletes an exchange, {@code ifUnused} only if nothing is bound to it. */
    public void deleteExchange(String exchange, boolean ifUnused) {
        Void unused = wait(deleteExchangeAsync(exchange, ifUnused), "exchange.delete");
    }

    /** Asynchronous form of {@link #deleteExchange(String, boolean)}. */
    public CompletableFuture<Void> deleteExchangeAsync(String exchange, boolean ifUnused) {
        requireNonNull(exchange, "exchange");
        return told(session.topology(topology -> topology.deleteExchange(exchange, ifUnused)));
    }

    /**
     * Takes one message from a queue. With {@code noAck} it is gone at once; else it must be acknowledged, and what comes
     * too late for a caller that was interrupted goes back into the queue.
     */
    public Optional<Delivery> get(String queue, boolean noAck) {
        BlockingCalls.refuseOn(inEventLoop(), "basic.get", "its Async form");
        return BlockingCalls.forReply(
                getAsync(queue, noAck),
                "basic.get",
                late -> late.filter(delivery -> !noAck).ifPresent(delivery -> reject(delivery, true)));
    }

    /** Asynchronous form of {@link #get}. */
    public CompletableFuture<Optional<Delivery>> getAsync(String queue, boolean noAck) {
        requireNonNull(queue, "queue");
        return told(channel.get(queue, noAck));
    }

    /**
     * Starts a consumer with the default options.
     *
     * @return its tag
     */
    public String consume(String queue, DeliveryHandler handler) {
        return consume(queue, ConsumeOptions.defaults(), handler);
    }

    /** Starts a consumer with the options that the queue brings along: {@link ConsumeOptions#of}. Returns its tag. */
    public String consume(Queue queue, DeliveryHandler handler) {
        return consume(queue.name(), ConsumeOptions.of(queue), handler);
    }

    /**
     * Starts a consumer.
     *
     * @param handler called on {@link ConnectionOptions#deliveryExecutor()}, one message after the other
     * @return its tag
     */
    public String consume(String queue, ConsumeOptions options, DeliveryHandler handler) {
        return wait(consumeAsync(queue, options, handler), "basic.consume");
    }

    /** Asynchronous form of {@link #consume(String, ConsumeOptions, DeliveryHandler)}. */
    public CompletableFuture<String> consumeAsync(String queue, ConsumeOptions options, DeliveryHandler handler) {
        requireNonNull(queue, "queue");
        requireNonNull(options, "options");
        requireNonNull(handler, "handler");
        ConsumeOptions complete = options.withDefaultPrefetch(prefetch);
        return told(channel.consume(queue, complete, handler));
    }

    /** Stops a consumer. What it was sent and did not acknowledge stays with the channel. */
    public void cancel(String consumerTag) {
        Void unused = wait(cancelAsync(consumerTag), "basic.cancel");
    }

    /** Asynchronous form of {@link #cancel}. */
    public CompletableFuture<Void> cancelAsync(String consumerTag) {
        requireNonNull(consumerTag, "consumerTag");
        return told(channel.cancel(consumerTag));
    }

    /**
     * Acknowledges one delivery.
     *
     * @throws AmqpChannelException if the link that it came on is lost: the broker delivers it again
     */
    public void ack(Delivery delivery) {
        settle(delivery, new BasicMethods.Ack(delivery.deliveryTag(), false));
    }

    /** Acknowledges this delivery and all before it on this channel. Throws as {@link #ack}. */
    public void ackMultiple(Delivery delivery) {
        settle(delivery, new BasicMethods.Ack(delivery.deliveryTag(), true));
    }

    /**
     * Refuses one delivery. Throws as {@link #ack}.
     *
     * @param requeue whether it goes back to the queue
     */
    public void nack(Delivery delivery, boolean requeue) {
        settle(delivery, new BasicMethods.Nack(delivery.deliveryTag(), false, requeue));
    }

    /** Refuses this delivery and all before it on this channel. Throws as {@link #ack}. */
    public void nackMultiple(Delivery delivery, boolean requeue) {
        settle(delivery, new BasicMethods.Nack(delivery.deliveryTag(), true, requeue));
    }

    /** Refuses one delivery, in the protocol's older form. Throws as {@link #ack}. */
    public void reject(Delivery delivery, boolean requeue) {
        settle(delivery, new BasicMethods.Reject(delivery.deliveryTag(), requeue));
    }

    /** Whether this channel will not come back. */
    boolean isGone() {
        return channel.wire().closedBy() != null;
    }

    private void settle(Delivery delivery, Method method) {
        if (!channel.wire().writer().send(method, delivery.epoch())) {
            AmqpException closed = closedBy();
            throw new AmqpChannelException(
                    "delivery tag " + delivery.deliveryTag()
                            + " is of a link that is gone (expected: one of the present"
                            + " link; the broker delivers the message again)"
                            + (closed == null ? "" : ": " + closed.getMessage()),
                    0,
                    0,
                    method.methodName(),
                    false);
        }
    }

    /** Asks the broker to deliver again what this channel has not acknowledged. */
    public void recover(boolean requeue) {
        Void unused = wait(recoverAsync(requeue), "basic.recover");
    }

    /** Asynchronous form of {@link #recover}. */
    public CompletableFuture<Void> recoverAsync(boolean requeue) {
        return call(new BasicMethods.Recover(requeue));
    }

    /**
     * Stops the broker's deliveries on this channel, or lets them come again. It does not outlive its link: after a
     * reconnect messages flow. RabbitMQ refuses to stop them and ends the connection, which then comes back; with it, use
     * {@link #prefetch} and {@link #cancel}.
     */
    public void flow(boolean active) {
        Void unused = wait(flowAsync(active), "channel.flow");
    }

    /** Asynchronous form of {@link #flow}. */
    public CompletableFuture<Void> flowAsync(boolean active) {
        return call(new ChannelMethods.Flow(active));
    }

    /**
     * Limits how many unacknowledged messages each consumer started from now on holds, where its {@link ConsumeOptions} do
     * not say it; 0 is no limit.
     */
    public void prefetch(int count) {
        prefetch = Arguments.range("prefetch", count, 0, ConsumeOptions.MAX_PREFETCH);
    }

    /**
     * Sends a message without waiting for anything: the form for transactions, and for those who need no outcome.
     *
     * @throws AmqpChannelException if the channel is not open at this moment: nothing was sent
     * @throws IllegalStateException if a {@link Producer} confirms on this channel: publish through it
     * @throws PublishException if it is immediate and the broker is RabbitMQ: nothing was sent
     */
    public void publish(byte[] body, PublishOptions options) {
        requireNonNull(body, "body");
        if (options.compression() != null) {
            throw Arguments.invalid("compression", options.compression(), "null: a channel sends bytes as they are");
        }
        String type = options.properties().contentType();
        boolean sent = channel.publish(
                options.template(
                        type == null ? "application/data" : type,
                        options.properties().contentEncoding(),
                        null),
                body,
                options.immediate());
        if (!sent) {
            throw new AmqpChannelException("channel is not open (nothing was sent)", 0, 0, "basic.publish", true);
        }
    }

    /** Hears of returned messages that belong to no {@link Producer} of this channel; called on the delivery executor. */
    public void onReturn(@Nullable Consumer<ReturnedMessage> callback) {
        channel.onReturn(callback);
    }

    /** Puts the channel into tx mode. */
    public void txSelect() {
        Void unused = wait(txSelectAsync(), "tx.select");
    }

    /** Asynchronous form of {@link #txSelect}. */
    public CompletableFuture<Void> txSelectAsync() {
        return told(channel.txSelect());
    }

    /** Commits what was published and acknowledged since the last commit. */
    public void txCommit() {
        Void unused = wait(txCommitAsync(), "tx.commit");
    }

    /** Asynchronous form of {@link #txCommit}. */
    public CompletableFuture<Void> txCommitAsync() {
        return call(TxMethods.Commit.INSTANCE);
    }

    /** Takes back what was published and acknowledged since the last commit. */
    public void txRollback() {
        Void unused = wait(txRollbackAsync(), "tx.rollback");
    }

    /** Asynchronous form of {@link #txRollback}. */
    public CompletableFuture<Void> txRollbackAsync() {
        return call(TxMethods.Rollback.INSTANCE);
    }

    private CompletableFuture<Void> call(Method method) {
        return told(channel.wire().call(method)).thenAccept(reply -> {});
    }

    /** Whether the channel is open at this moment; false while the connection comes back. */
    public boolean isOpen() {
        return channel.wire().openLinkEpoch() != 0;
    }

    /** Closes the channel. A second call does nothing. */
    @Override
    public void close() {
        CompletableFuture<Void> closed = closeAsync();
        if (!inEventLoop()) {
            Void unused = BlockingCalls.forReply(closed, "channel.close");
        }
    }

    /** Asynchronous form of {@link #close}. */
    public CompletableFuture<Void> closeAsync() {
        closed = true;
        return session.closeChannel(channel);
    }

    /** Tells whether the caller or the broker closed this channel, or its connection was closed. */
    public boolean isClosed() {
        return closed || channel.wire().closedBy() != null;
    }

    @Override
    Publisher publisher() {
        return wait(channel.confirmSelect(), "confirm.select");
    }

    /** Why it is closed for good, null while it is not. */
    @Nullable
    AmqpException closedBy() {
        return channel.wire().closedBy();
    }

    @Override
    ConnectionOptions options() {
        return session.options();
    }

    @Override
    boolean inEventLoop() {
        return session.inEventLoop();
    }

    private <T> T wait(CompletableFuture<T> future, String call) {
        BlockingCalls.refuseOn(inEventLoop(), call, "its Async form");
        return BlockingCalls.forReply(future, call);
    }

    /** Users' code runs where they want it, not on the I/O thread by accident. */
    private <T> CompletableFuture<T> told(CompletableFuture<T> future) {
        var executor = session.options().completionExecutor();
        return executor == null ? future : future.thenApplyAsync(result -> result, executor);
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
