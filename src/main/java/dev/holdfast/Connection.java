package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.eventloop.IoThreads;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.eventloop.NettyVersion;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.session.Session;
import dev.holdfast.internal.transport.Link;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a broker that survives the loss of its TCP connection: it connects again, restores channels, topology
 * and consumers, sends unsent publishes, and retransmits those publishes in doubt that have a retry policy.
 *
 * <pre>{@code
 * try (Connection connection = Connection.open("amqp://guest:guest@localhost:5672/")) {
 *     connection.producer().publish(Map.of("hello", "world"), p -> p.exchange(media).routingKey("video"));
 * }
 * }</pre>
 *
 * <p>Thread-safe. A connection has one I/O thread, of its own or of {@link ConnectionOptions#eventLoops()}; a blocking
 * call on that thread throws {@link IllegalStateException}.
 */
public final class Connection extends ChannelSource implements AutoCloseable {
    private final Session session;
    private volatile boolean closed;

    Connection(Session session) {
        this.session = session;
    }

    /**
     * Connects immediately and waits for the link. Each address is tried once.
     *
     * @param uri such as {@code amqp://user:password@host:5672/vhost}; see {@link ConnectionOptions#parse}
     * @throws ConnectFailedException if no address could be reached
     * @throws AuthenticationFailedException if the broker refused the login
     * @throws IllegalStateException if the transport of the options is not available, Netty is older than 4.2, or this
     *     is an I/O thread of the event loops of the options
     */
    public static Connection open(String uri) {
        return open(ConnectionOptions.parse(uri));
    }

    /** Connects immediately and waits for the link. Each address is tried once. Throws as {@link #open(String)}. */
    public static Connection open(ConnectionOptions options) {
        Connection connection = lazy(options);
        try {
            BlockingCalls.refuseOn(connection.inEventLoop(), "open", "lazy and ensureConnectionAsync");
            Void unused = BlockingCalls.forReply(connection.session.connect(), "connect");
            return connection;
        } catch (RuntimeException | Error e) {
            connection.close(Duration.ZERO);
            throw e;
        }
    }

    /** Returns a connection that connects at its first use, within the deadline and retry policy of that use. */
    public static Connection lazy(String uri) {
        return lazy(ConnectionOptions.parse(uri));
    }

    /** Returns a connection that connects at its first use, within the deadline and retry policy of that use. */
    public static Connection lazy(ConnectionOptions options) {
        requireNonNull(options, "options");
        try {
            return new Connection(new Session(options, threads(options)));
        } catch (LinkageError e) {
            NettyVersion.explain(e);
            throw e;
        }
    }

    private static IoThreads threads(ConnectionOptions options) {
        EventLoops shared = options.eventLoops();
        return shared == null
                ? IoThreads.ofOneConnection(NettyTransport.of(options.transport()), options.connectionName())
                : shared.threads(options.transport());
    }

    /**
     * Returns a second connection with the same options, which connects at its first use and shares nothing with this
     * one but its {@link ConnectionOptions#eventLoops()}: Kombu's {@code clone}. For other options use {@code
     * Connection.lazy(connection.options().heartbeat(...))}.
     */
    public Connection copy() {
        return lazy(options());
    }

    /**
     * Connects unless a link is up, and waits for the link. An attempt of the policy is a round in which each broker is
     * tried once; a round that fails while the policy sleeps does not count as an attempt.
     *
     * <p>The connection waits between rounds as {@link ConnectionOptions#reconnectBackoff} says. A link that opens
     * during a sleep of the policy ends the sleep. When the attempts are used up the connection stays open: close it,
     * or try again.
     *
     * @return this connection
     * @throws RetriesExhaustedException if the policy's last attempt failed, with that failure as the cause
     * @throws AmqpException the failure itself if the policy does not retry it, such as a refused login
     */
    public Connection ensureConnection(RetryPolicy policy) {
        BlockingCalls.refuseOn(inEventLoop(), "ensureConnection", "ensureConnectionAsync");
        return BlockingCalls.forReply(connected(retryLoop(policy, null)), "connect");
    }

    /**
     * Connects as {@link #ensureConnection(RetryPolicy)} does, within a timeout.
     *
     * @throws RetriesExhaustedException also if the policy's next sleep would not end within the timeout
     */
    public Connection ensureConnection(RetryPolicy policy, Duration timeout) {
        BlockingCalls.refuseOn(inEventLoop(), "ensureConnection", "ensureConnectionAsync");
        return BlockingCalls.forReply(connected(retryLoop(policy, requireNonNull(timeout, "timeout"))), "connect");
    }

    /** Asynchronous form of {@link #ensureConnection(RetryPolicy)}. Cancelling the future ends the attempts. */
    public CompletableFuture<Connection> ensureConnectionAsync(RetryPolicy policy) {
        CompletableFuture<Connection> connected = connected(retryLoop(policy, null));
        CompletableFuture<Connection> result = UserFutures.of(connected, options());
        result.whenComplete((done, error) -> connected.cancel(false)); // no effect unless the user cancels
        return result;
    }

    private CompletableFuture<Connection> connected(RetryLoop loop) {
        CompletableFuture<Void> connected = loop.connected();
        CompletableFuture<Connection> result = new CompletableFuture<>();
        connected.whenComplete((done, error) -> {
            if (error == null) {
                result.complete(this);
            } else {
                result.completeExceptionally(error);
            }
        });
        result.whenComplete((done, error) -> connected.complete(null));
        return result;
    }

    /**
     * Runs an operation until it succeeds, at most n + 1 times for a policy of n retries. Each attempt waits for a link
     * first; an attempt that gets no link counts. Before every retry, whatever the failure was, {@code onRetry} is
     * called and the policy sleeps. The operation and {@code onRetry} run on the caller's thread, which waits in
     * between.
     *
     * <p>A failed attempt may have had its effect at the broker: the operation should be idempotent. A {@link
     * RetriesExhaustedException} is never retried: if the operation contains another {@code ensure}, or a publish with
     * a retry policy, only the inner policy retries.
     *
     * @return the result of the operation
     * @throws RetriesExhaustedException if the last attempt failed, with that failure as the cause
     * @throws AmqpException the failure itself if the policy does not retry it
     */
    public <T extends @Nullable Object> T ensure(RetryPolicy policy, Supplier<T> operation) {
        return runWithRetries(policy, null, operation);
    }

    /** Runs an operation that returns nothing as {@link #ensure(RetryPolicy, Supplier)} does. */
    @SuppressWarnings("FunctionalInterfaceClash") // as in ExecutorService.submit: the lambda's body decides
    public void ensure(RetryPolicy policy, Runnable operation) {
        requireNonNull(operation, "operation");
        Object unused = runWithRetries(policy, null, () -> {
            operation.run();
            return this;
        });
    }

    /**
     * Runs an operation as {@link #ensure(RetryPolicy, Supplier)} does, within a timeout. A running attempt is not
     * interrupted.
     *
     * @throws RetriesExhaustedException also if the policy's next sleep would not end within the timeout
     */
    public <T extends @Nullable Object> T ensure(RetryPolicy policy, Duration timeout, Supplier<T> operation) {
        return runWithRetries(policy, requireNonNull(timeout, "timeout"), operation);
    }

    private <T extends @Nullable Object> T runWithRetries(
            RetryPolicy policy, @Nullable Duration timeout, Supplier<T> operation) {
        requireNonNull(operation, "operation");
        BlockingCalls.refuseOn(inEventLoop(), "ensure", "ensureConnectionAsync");
        return retryLoop(policy, timeout).run(operation);
    }

    /**
     * Returns a function that runs the operation as {@link #ensure(RetryPolicy, Supplier)} does and passes it a
     * channel. All calls use the same channel; it is replaced after the broker has closed it, and closed with the
     * connection. Thread-safe if the operation is.
     */
    public <R extends @Nullable Object> Supplier<R> autoretry(RetryPolicy policy, Function<Channel, R> operation) {
        requireNonNull(policy, "policy");
        requireNonNull(operation, "operation");
        AtomicReference<@Nullable Channel> cached = new AtomicReference<>();
        return () -> ensure(policy, () -> operation.apply(usableChannel(cached)));
    }

    private Channel usableChannel(AtomicReference<@Nullable Channel> cached) {
        Channel channel = cached.get();
        if (channel != null && channel.closedBy() == null) {
            return channel;
        }
        Channel opened = channel();
        if (!cached.compareAndSet(channel, opened)) {
            CompletableFuture<Void> unused = opened.closeAsync();
            return usableChannel(cached);
        }
        return opened;
    }

    private RetryLoop retryLoop(RetryPolicy policy, @Nullable Duration timeout) {
        if (timeout != null) {
            Arguments.notNegative("timeout", timeout);
        }
        return new RetryLoop(requireNonNull(policy, "policy"), timeout, new RetryLoop.Links() {
            @Override
            public CompletableFuture<Void> connect() {
                return session.connect();
            }

            @Override
            public CompletableFuture<Void> pause(Duration length) {
                return session.pause(length);
            }

            @Override
            public long nanoTime() {
                return System.nanoTime();
            }
        });
    }

    /** Returns a producer without defaults. All producers of a connection share one channel in confirm mode. */
    public Producer producer() {
        return new Producer(this);
    }

    /** Returns a producer with defaults, such as {@code connection.producer(p -> p.exchange(media).retry())}. */
    public Producer producer(UnaryOperator<PublishOptions> defaults) {
        return new Producer(this, defaults);
    }

    /** Opens a channel and waits until it is open. */
    public Channel channel() {
        BlockingCalls.refuseOn(inEventLoop(), "channel", "channelAsync");
        return BlockingCalls.forReply(openChannel(), "channel.open", Channel::closeAsync);
    }

    /** Asynchronous form of {@link #channel()}. */
    public CompletableFuture<Channel> channelAsync() {
        return UserFutures.of(openChannel(), options());
    }

    private CompletableFuture<Channel> openChannel() {
        return session.newChannel().thenApply(channel -> new Channel(session, channel));
    }

    /** Opens a channel and returns a consumer of these queues on it, with default options. */
    public Consumer consumer(Queue... queues) {
        return consumer(List.of(queues), UnaryOperator.identity());
    }

    /**
     * Opens a channel and returns a consumer of these queues on it, which closes the channel when it is closed.
     *
     * @param options derives the consumer's options from {@link ConsumeOptions#defaults()}; an option that is not set
     *     is taken from each queue
     * @throws SerializerNotInstalledException if {@code accept} contains the name of no serializer
     */
    public Consumer consumer(List<Queue> queues, UnaryOperator<ConsumeOptions> options) {
        List<Queue> copy = List.copyOf(queues);
        Consumer.Settings settings = new Consumer.Settings(options.apply(ConsumeOptions.defaults()), options());
        return new Consumer(channel(), this::channel, copy, settings);
    }

    /** Declares a durable queue and a direct exchange of this name, bound with this name, for put and get. */
    public SimpleQueue simpleQueue(String name) {
        return simpleQueue(Queue.of(name, Exchange.direct(name), name));
    }

    /** Declares a queue for put and get. */
    public SimpleQueue simpleQueue(Queue queue) {
        if (queue.isStream()) { // RabbitMQ closes the connection for basic.get
            throw Arguments.invalid("queue", queue, "not a stream: consume from it");
        }
        Channel channel = channel();
        try {
            Queue declared = channel.declare(queue);
            Exchange exchange = declared.exchange();
            String key = exchange.name().isEmpty() ? declared.name() : declared.routingKey();
            Producer producer =
                    producer(p -> p.exchange(exchange).routingKey(key).declare(declared));
            return new SimpleQueue(channel, declared, producer);
        } catch (RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Declares a {@link #simpleQueue(String)} for transient messages: the queue is exclusive to this connection and
     * deleted with it, messages are not persistent, and {@link SimpleQueue#get} acknowledges them.
     */
    public SimpleQueue simpleBuffer(String name) {
        Exchange exchange = Exchange.direct(name).durable(false).autoDelete(true);
        Queue queue = Queue.of(name, exchange, name).durable(false).exclusive(true);
        return simpleQueue(queue).putOptions(p -> p.deliveryMode(1)).noAck(true);
    }

    /** Returns the options of this connection. */
    @Override
    public ConnectionOptions options() {
        return session.options();
    }

    /** Returns the brokers as a URI with the password masked; see {@link ConnectionOptions#asUri()}. */
    public String asUri() {
        return options().asUri();
    }

    /** Returns the parameters of this connection and of its present link. */
    public ConnectionInfo info() {
        ConnectionOptions options = options();
        Link link = session.link();
        Address address = link == null ? options.addresses().get(0) : link.address();
        Map<String, Object> server = link == null ? Map.of() : link.serverProperties();
        return new ConnectionInfo(
                session.transport(),
                address.host(),
                address.port(),
                options.settings.fixedUsername(),
                options.virtualHost(),
                options.tls(),
                link != null,
                link == null ? options.heartbeat() : Duration.ofSeconds(link.heartbeatSeconds()),
                Objects.toString(server.get("product"), null),
                Objects.toString(server.get("version"), null));
    }

    /**
     * Sends the broker a new secret for this connection's user, such as a token that replaces one about to expire,
     * without a reconnect: AMQP's {@code connection.update-secret}. Waits up to {@link ConnectionOptions#rpcTimeout()}.
     *
     * <p>The secret is not stored: a reconnect logs in with {@link ConnectionOptions#credentials()}.
     *
     * @param reason the reason for the broker's log; at most 255 bytes
     * @throws IllegalArgumentException if the secret does not fit into one frame; nothing is sent then
     * @throws AmqpConnectionException if there is no link, the link is lost before the reply, or the broker refuses the
     *     secret and closes the connection
     */
    public void updateSecret(String secret, String reason) {
        BlockingCalls.refuseOn(inEventLoop(), "updateSecret", "updateSecretAsync");
        Void unused = BlockingCalls.forReply(sendSecret(secret, reason), "connection.update-secret");
    }

    /** Asynchronous form of {@link #updateSecret}. */
    public CompletableFuture<Void> updateSecretAsync(String secret, String reason) {
        return UserFutures.of(sendSecret(secret, reason), options());
    }

    private CompletableFuture<Void> sendSecret(String secret, String reason) {
        return session.updateSecret(Arguments.secret("secret", secret), Arguments.shortString("reason", reason));
    }

    /**
     * Returns the counters of this connection. Cheap enough for every second; callable on any thread, also the I/O
     * thread.
     */
    public ConnectionStatistics statistics() {
        return session.statistics();
    }

    /** Tells whether a link is up. While it is not, publishes wait for the next link. */
    public boolean isOpen() {
        return session.isOpen();
    }

    /** Closes with {@link ConnectionOptions#closeTimeout()}. */
    @Override
    public void close() {
        close(options().closeTimeout());
    }

    /**
     * Closes in bounded time. Outstanding publishes have up to {@code timeout} to get their outcome; the others then
     * fail with the exact {@link PublishException.DeliveryStatus} {@code NOT_SENT} or {@code UNKNOWN}. A second call
     * with a shorter timeout shortens the first; otherwise it does nothing. On the I/O thread of a connection, this
     * method starts the close and does not wait.
     *
     * <p>Does not wait for handlers: deliveries that were read before are still passed to them and can no longer be
     * acknowledged.
     */
    public void close(Duration timeout) {
        CompletableFuture<Void> closed = closeAsync(timeout);
        if (!IoThreads.isIoThread() && !inEventLoop()) {
            try {
                Void unused = BlockingCalls.forReply(closed, "connection.close");
            } catch (AmqpTimeoutException e) {
                // Interrupted: the flag is set again, and the session completes the close.
            }
        }
    }

    /**
     * Closes as {@link #close(Duration)} does. The future completes in bounded time, whatever the broker does, on the
     * I/O thread.
     */
    public CompletableFuture<Void> closeAsync(Duration timeout) {
        requireNonNull(timeout, "timeout");
        closed = true;
        return session.close(timeout).copy();
    }

    /** Tells whether this connection was closed, by a call or with its event loops; a lost link does not close it. */
    public boolean isClosed() {
        return closed || session.isClosed();
    }

    @Override
    String currentName(String queue) {
        return session.currentName(queue);
    }

    @Override
    Publisher publisher() {
        return session.publisher();
    }

    @Override
    boolean inEventLoop() {
        return session.inEventLoop();
    }

    @Override
    public String toString() {
        return "connection[" + options().asUri() + ", " + session + "]";
    }
}
