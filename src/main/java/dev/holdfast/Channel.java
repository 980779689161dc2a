package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.eventloop.IoThreads;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An AMQP channel: declares, consumes, gets, acknowledges, publishes, runs transactions.
 *
 * <p>A call has a blocking and an {@code Async} form. Each method that it sends is answered within {@link
 * ConnectionOptions#rpcTimeout()} or fails; declaring a queue sends one method for its exchange, one for the queue and
 * one for each binding. Exchanges, queues and bindings are declared and deleted on a channel of the connection: a
 * refused declaration fails its call and does not close this channel. When the link is lost the channel is reopened
 * with its consumers. Calls that were not sent yet wait for that; calls that were sent fail with {@link
 * AmqpConnectionException}. A channel in tx mode is not reopened.
 *
 * <p>When the broker closes the channel, the calls that were sent fail with its {@link AmqpChannelException}. A channel
 * with a {@link Producer} is then reopened, and so is any channel if the broker refused to start a consumer. Any other
 * is closed for good, as is one that does not answer a call in time. A consumer that the broker refuses to restore is
 * tried again ({@link ConnectionOptions#restoreLimit()}), the others go on. Deliveries that wait for a handler when
 * their channel ends are dropped, unless they are noAck: the broker delivers them again. A call that times out while
 * the broker blocks the connection fails alone, with the broker's reason.
 *
 * <p>A server-named queue has a new name after a reconnect. Methods that take a queue find it by each of its names;
 * {@link #declare(Queue)} and {@link #inspect} return the present one. A name that was sent, such as a reply-to, stays.
 *
 * <p>Errors: {@link AmqpChannelException} with the broker's reply text if the broker refuses a call, {@link
 * AmqpTimeoutException} if it does not answer. Thread-safe.
 */
public final class Channel extends ChannelSource implements AutoCloseable {
    private final Session session;
    private final RecoveringChannel channel;
    private final ChannelCalls calls;

    /** For consumers whose options do not set it. */
    volatile int prefetch = ConsumeOptions.DEFAULT_PREFETCH;

    private volatile boolean closed;

    Channel(Session session, RecoveringChannel channel) {
        this.session = session;
        this.channel = channel;
        this.calls = new ChannelCalls(session, channel);
    }

    /** Declares an exchange; with {@code passive}, checks that it exists. */
    public void declare(Exchange exchange) {
        Void unused = wait(calls.declare(exchange), "exchange.declare");
    }

    /** Asynchronous form of {@link #declare(Exchange)}. */
    public CompletableFuture<Void> declareAsync(Exchange exchange) {
        return forUser(calls.declare(exchange));
    }

    /**
     * Declares a queue's exchange, then the queue, then its bindings.
     *
     * @return the queue; for a server-named queue a copy with the name
     */
    public Queue declare(Queue queue) {
        return wait(calls.declare(queue), "queue.declare");
    }

    /** Asynchronous form of {@link #declare(Queue)}. */
    public CompletableFuture<Queue> declareAsync(Queue queue) {
        return forUser(calls.declare(queue));
    }

    /** Declares these entities in the given order. */
    public void declare(Declarable... entities) {
        Void unused = wait(calls.declare(List.of(entities)), "declare");
    }

    /** Asynchronous form of {@link #declare(Declarable...)}. */
    public CompletableFuture<Void> declareAsync(List<? extends Declarable> entities) {
        return forUser(calls.declare(entities));
    }

    /** Returns a queue's message and consumer counts, by a passive declaration. */
    public QueueInfo inspect(String queue) {
        return wait(calls.inspect(queue), "queue.declare");
    }

    /** Asynchronous form of {@link #inspect}. */
    public CompletableFuture<QueueInfo> inspectAsync(String queue) {
        return forUser(calls.inspect(queue));
    }

    /** Binds a queue to an exchange, or an exchange to another. */
    public void bind(Binding binding) {
        Void unused = wait(calls.bind(binding), "bind");
    }

    /** Asynchronous form of {@link #bind}. */
    public CompletableFuture<Void> bindAsync(Binding binding) {
        return forUser(calls.bind(binding));
    }

    /** Removes a binding. */
    public void unbind(Binding binding) {
        Void unused = wait(calls.unbind(binding), "unbind");
    }

    /** Asynchronous form of {@link #unbind}. */
    public CompletableFuture<Void> unbindAsync(Binding binding) {
        return forUser(calls.unbind(binding));
    }

    /** Binds a queue to a source exchange; shorthand for {@link #bind}. */
    public void bindTo(Queue queue, Exchange source, String routingKey) {
        bind(Binding.of(source, routingKey).toQueue(queue.name()));
    }

    /** Binds an exchange to a source exchange, whose messages it then receives; shorthand for {@link #bind}. */
    public void bindTo(Exchange exchange, Exchange source, String routingKey) {
        bind(Binding.of(source, routingKey).toExchange(exchange.name()));
    }

    /** Removes a queue's binding to a source exchange; shorthand for {@link #unbind}. */
    public void unbindFrom(Queue queue, Exchange source, String routingKey) {
        unbind(Binding.of(source, routingKey).toQueue(queue.name()));
    }

    /** Removes an exchange's binding to a source exchange; shorthand for {@link #unbind}. */
    public void unbindFrom(Exchange exchange, Exchange source, String routingKey) {
        unbind(Binding.of(source, routingKey).toExchange(exchange.name()));
    }

    /** Purges this queue by its name, as {@link #purge(String)} does. */
    public long purge(Queue queue) {
        return purge(queue.name());
    }

    /** Deletes this queue by its name, as {@link #deleteQueue(String, boolean, boolean)} does. */
    public long delete(Queue queue, boolean ifUnused, boolean ifEmpty) {
        return deleteQueue(queue.name(), ifUnused, ifEmpty);
    }

    /** Deletes this exchange by its name, as {@link #deleteExchange(String, boolean)} does. */
    public void delete(Exchange exchange, boolean ifUnused) {
        deleteExchange(exchange.name(), ifUnused);
    }

    /** Removes the messages from a queue that await delivery, not unacknowledged ones. Returns their number. */
    public long purge(String queue) {
        return wait(calls.purge(queue), "queue.purge");
    }

    /** Asynchronous form of {@link #purge}. */
    public CompletableFuture<Long> purgeAsync(String queue) {
        return forUser(calls.purge(queue));
    }

    /** Deletes a queue. Returns the number of messages deleted with it. */
    public long deleteQueue(String queue) {
        return deleteQueue(queue, false, false);
    }

    /**
     * Deletes a queue, conditionally. RabbitMQ closes the connection if a condition is set for a quorum queue.
     *
     * @param ifUnused only if it has no consumers
     * @param ifEmpty only if it has no messages
     * @return the number of messages deleted with it
     */
    public long deleteQueue(String queue, boolean ifUnused, boolean ifEmpty) {
        return wait(calls.deleteQueue(queue, ifUnused, ifEmpty), "queue.delete");
    }

    /** Asynchronous form of {@link #deleteQueue(String, boolean, boolean)}. */
    public CompletableFuture<Long> deleteQueueAsync(String queue, boolean ifUnused, boolean ifEmpty) {
        return forUser(calls.deleteQueue(queue, ifUnused, ifEmpty));
    }

    /** Deletes an exchange. */
    public void deleteExchange(String exchange) {
        deleteExchange(exchange, false);
    }

    /** Deletes an exchange; with {@code ifUnused}, only if nothing is bound to it. */
    public void deleteExchange(String exchange, boolean ifUnused) {
        Void unused = wait(calls.deleteExchange(exchange, ifUnused), "exchange.delete");
    }

    /** Asynchronous form of {@link #deleteExchange(String, boolean)}. */
    public CompletableFuture<Void> deleteExchangeAsync(String exchange, boolean ifUnused) {
        return forUser(calls.deleteExchange(exchange, ifUnused));
    }

    /**
     * Gets one message from a queue; empty if the queue has none. With {@code noAck} the broker removes the message
     * when it sends it. Otherwise it must be acknowledged; a message that arrives after the caller was interrupted is
     * requeued.
     */
    public Optional<Delivery> get(String queue, boolean noAck) {
        BlockingCalls.refuseOn(inEventLoop(), "basic.get", "its Async form");
        return BlockingCalls.forReply(
                calls.get(queue, noAck),
                "basic.get",
                late -> late.filter(delivery -> !noAck).ifPresent(delivery -> reject(delivery, true)));
    }

    /** Asynchronous form of {@link #get}. */
    public CompletableFuture<Optional<Delivery>> getAsync(String queue, boolean noAck) {
        return forUser(calls.get(queue, noAck));
    }

    /** Starts a consumer with the default options. Returns the consumer tag. */
    public String consume(String queue, DeliveryHandler handler) {
        return consume(queue, ConsumeOptions.defaults(), handler);
    }

    /** Starts a consumer with the options of the queue ({@link ConsumeOptions#of}). Returns the consumer tag. */
    public String consume(Queue queue, DeliveryHandler handler) {
        return consume(queue.name(), ConsumeOptions.of(queue), handler);
    }

    /** Starts a consumer with options derived from {@link ConsumeOptions#defaults()}. Returns the consumer tag. */
    public String consume(String queue, UnaryOperator<ConsumeOptions> options, DeliveryHandler handler) {
        return consume(queue, options.apply(ConsumeOptions.defaults()), handler);
    }

    /**
     * Starts a consumer.
     *
     * @param handler called on {@link ConnectionOptions#deliveryExecutor()}, one message at a time
     * @return the consumer tag
     */
    public String consume(String queue, ConsumeOptions options, DeliveryHandler handler) {
        return wait(start(queue, options, handler), "basic.consume");
    }

    /** Asynchronous form of {@link #consume(String, ConsumeOptions, DeliveryHandler)}. */
    public CompletableFuture<String> consumeAsync(String queue, ConsumeOptions options, DeliveryHandler handler) {
        return forUser(start(queue, options, handler));
    }

    /** Asynchronous form of {@link #consume(String, UnaryOperator, DeliveryHandler)}. */
    public CompletableFuture<String> consumeAsync(
            String queue, UnaryOperator<ConsumeOptions> options, DeliveryHandler handler) {
        return consumeAsync(queue, options.apply(ConsumeOptions.defaults()), handler);
    }

    /** Starts a consumer; completes on the I/O thread. */
    CompletableFuture<String> start(String queue, ConsumeOptions options, DeliveryHandler handler) {
        Arguments.shortString("queue", queue);
        requireNonNull(options, "options");
        requireNonNull(handler, "handler");
        return channel.consume(queue, options.withDefaultPrefetch(prefetch), handler);
    }

    /** Cancels a consumer. Messages that were delivered to it can still be acknowledged. */
    public void cancel(String consumerTag) {
        Void unused = wait(stop(consumerTag), "basic.cancel");
    }

    /** Asynchronous form of {@link #cancel}. */
    public CompletableFuture<Void> cancelAsync(String consumerTag) {
        return forUser(stop(consumerTag));
    }

    /** Stops a consumer; completes on the I/O thread. */
    CompletableFuture<Void> stop(String consumerTag) {
        return channel.cancel(Arguments.shortString("consumerTag", consumerTag));
    }

    /**
     * Acknowledges one delivery.
     *
     * @throws AmqpChannelException if the link that delivered it is lost or the channel was reopened since: the broker
     *     delivers it again
     */
    public void ack(Delivery delivery) {
        settle(delivery, new BasicMethods.Ack(delivery.deliveryTag(), false), false);
    }

    /** Acknowledges this delivery and all earlier ones of this channel. Throws as {@link #ack}. */
    public void ackMultiple(Delivery delivery) {
        settle(delivery, new BasicMethods.Ack(delivery.deliveryTag(), true), true);
    }

    /**
     * Rejects one delivery with basic.nack. Throws as {@link #ack}.
     *
     * @param requeue true to requeue it, false to drop or dead-letter it. In RabbitMQ 4.3 {@link Queue#deliveryLimit}
     *     does not count requeues by nack
     */
    public void nack(Delivery delivery, boolean requeue) {
        settle(delivery, new BasicMethods.Nack(delivery.deliveryTag(), false, requeue), false);
    }

    /** Rejects this delivery and all earlier ones of this channel, as {@link #nack}. */
    public void nackMultiple(Delivery delivery, boolean requeue) {
        settle(delivery, new BasicMethods.Nack(delivery.deliveryTag(), true, requeue), true);
    }

    /** As {@link #nack}, with basic.reject: each requeue counts for {@link Queue#deliveryLimit}. */
    public void reject(Delivery delivery, boolean requeue) {
        settle(delivery, new BasicMethods.Reject(delivery.deliveryTag(), requeue), false);
    }

    private void settle(Delivery delivery, Method method, boolean multiple) {
        if (!channel.settle(method, delivery.deliveryTag(), multiple, delivery.epoch())) {
            AmqpException closed = closedBy();
            throw new AmqpChannelException(
                    "delivery tag " + delivery.deliveryTag()
                            + " belongs to a lost link or a closed channel (expected: a tag of the present"
                            + " channel; the broker delivers the message again)"
                            + (closed == null ? "" : ": " + closed.getMessage()),
                    0,
                    0,
                    method.methodName(),
                    false);
        }
    }

    /** Asks the broker to redeliver the unacknowledged messages of this channel: {@code basic.recover}. */
    public void recover(boolean requeue) {
        Void unused = wait(call(new BasicMethods.Recover(requeue)), "basic.recover");
    }

    /** Asynchronous form of {@link #recover}. */
    public CompletableFuture<Void> recoverAsync(boolean requeue) {
        return forUser(call(new BasicMethods.Recover(requeue)));
    }

    /**
     * Stops the broker's deliveries on this channel, or resumes them. A reconnect resumes them, too. RabbitMQ closes
     * the connection, which then reconnects, instead of stopping: use {@link #prefetch} and {@link #cancel} with it.
     */
    public void flow(boolean active) {
        Void unused = wait(call(new ChannelMethods.Flow(active)), "channel.flow");
    }

    /** Asynchronous form of {@link #flow}. */
    public CompletableFuture<Void> flowAsync(boolean active) {
        return forUser(call(new ChannelMethods.Flow(active)));
    }

    /**
     * Sets the prefetch count of consumers that are started later and whose {@link ConsumeOptions} do not set it: the
     * maximum number of unacknowledged messages of each consumer. 0 is no limit; the default is 250.
     */
    public void prefetch(int count) {
        prefetch = Arguments.range("prefetch", count, 0, ConsumeOptions.MAX_PREFETCH);
    }

    /**
     * Publishes without a confirm, for transactions and for messages whose outcome is not needed. Waits up to {@link
     * ConnectionOptions#rpcTimeout()} if more than 128 KiB are not sent yet and {@link
     * ConnectionOptions#maxUnconfirmedBytes()} is reached.
     *
     * @throws AmqpChannelException if the channel is not open: nothing was sent
     * @throws AmqpTimeoutException if there was no room in time: nothing was sent
     * @throws IllegalStateException if this channel is in confirm mode: publish through its {@link Producer}
     * @throws PublishException if the message is immediate and the broker is RabbitMQ: nothing was sent
     */
    public void publish(byte[] body, PublishOptions options) {
        requireNonNull(body, "body");
        if (options.compression() != null) {
            throw Arguments.invalid("compression", options.compression(), "null: a channel sends bytes as they are");
        }
        MessageProperties properties = options.properties();
        String type = properties.contentType() == null ? "application/data" : properties.contentType();
        boolean sent =
                channel.publish(options.template(type, properties.contentEncoding(), null), body, options.immediate());
        if (!sent) {
            throw new AmqpChannelException("channel is not open (nothing was sent)", 0, 0, "basic.publish", true);
        }
    }

    /**
     * Sets the callback for returned messages that no {@link Producer} of this channel published; null for none. It is
     * called on {@link ConnectionOptions#deliveryExecutor()}.
     */
    public void onReturn(@Nullable Consumer<ReturnedMessage> callback) {
        channel.onReturn(callback);
    }

    /** Puts the channel into tx mode. */
    public void txSelect() {
        Void unused = wait(channel.txSelect(), "tx.select");
    }

    /** Asynchronous form of {@link #txSelect}. */
    public CompletableFuture<Void> txSelectAsync() {
        return forUser(channel.txSelect());
    }

    /** Commits the publishes and acks since the last commit or rollback. */
    public void txCommit() {
        Void unused = wait(call(TxMethods.Commit.INSTANCE), "tx.commit");
    }

    /** Asynchronous form of {@link #txCommit}. */
    public CompletableFuture<Void> txCommitAsync() {
        return forUser(call(TxMethods.Commit.INSTANCE));
    }

    /** Discards the publishes and acks since the last commit or rollback. */
    public void txRollback() {
        Void unused = wait(call(TxMethods.Rollback.INSTANCE), "tx.rollback");
    }

    /** Asynchronous form of {@link #txRollback}. */
    public CompletableFuture<Void> txRollbackAsync() {
        return forUser(call(TxMethods.Rollback.INSTANCE));
    }

    private CompletableFuture<Void> call(Method method) {
        return channel.wire().call(method).thenAccept(reply -> {});
    }

    /** Tells whether the channel is open; false while the connection reconnects. */
    public boolean isOpen() {
        return channel.wire().openEpoch() != 0;
    }

    /**
     * Closes the channel, and waits for the broker's reply except on the I/O thread of a connection. A second call does
     * nothing.
     *
     * @throws AmqpTimeoutException if the broker does not answer; the channel is closed nevertheless
     */
    @Override
    public void close() {
        CompletableFuture<Void> closed = closeAsync();
        if (!IoThreads.isIoThread() && !inEventLoop()) {
            Void unused = BlockingCalls.forReply(closed, "channel.close");
        }
    }

    /** Asynchronous form of {@link #close}. The future completes on the I/O thread. */
    public CompletableFuture<Void> closeAsync() {
        closed = true;
        return session.closeChannel(channel);
    }

    /** Tells whether this channel was closed by a call or by the broker, or its connection was closed. */
    public boolean isClosed() {
        return closed || channel.wire().closedBy() != null;
    }

    @Override
    String currentName(String queue) {
        return channel.currentName(queue);
    }

    @Override
    Publisher publisher() {
        return wait(channel.confirmSelect(), "confirm.select");
    }

    /** Returns why the channel is closed and will not be reopened, null if it is not closed. */
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

    private <T> CompletableFuture<T> forUser(CompletableFuture<T> call) {
        return UserFutures.of(call, session.options());
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
