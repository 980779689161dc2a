package dev.holdfast;

import static java.util.Objects.requireNonNull;

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
 * A connection to a broker that outlives its sockets: when one is lost it connects again, makes channels, topology and
 * consumers anew, and sends what must be sent again.
 *
 * <pre>{@code
 * try (Connection connection = Connection.open("amqp://guest:guest@localhost:5672/")) {
 *     connection.producer().publish(Map.of("hello", "world"), p -> p.exchange(media).routingKey("video"));
 * }
 * }</pre>
 *
 * <p>Thread-safe. One connection has one I/O thread; blocking calls on it are refused.
 */
public final class Connection extends ChannelSource implements AutoCloseable {
    private final Session session;
    private volatile boolean closed;

    private Connection(Session session) {
        this.session = session;
    }

    /**
     * Connects now, trying every address once.
     *
     * @param uri such as {@code amqp://user:password@host:5672/vhost}; see {@link ConnectionOptions#parse}
     * @throws ConnectFailedException if no address could be reached
     * @throws AuthenticationFailedException if the broker refused the login
     */
    public static Connection open(String uri) {
        return open(ConnectionOptions.parse(uri));
    }

    /** Connects now, trying every address once. Throws as {@link #open(String)}. */
    public static Connection open(ConnectionOptions options) {
        Connection connection = lazy(options);
        try {
            Void unused = BlockingCalls.forReply(connection.session.connect(), "connect");
            return connection;
        } catch (RuntimeException e) {
            connection.close(Duration.ZERO);
            throw e;
        }
    }

    /** A connection that connects at first use, under that use's deadline and retry policy. */
    public static Connection lazy(String uri) {
        return lazy(ConnectionOptions.parse(uri));
    }

    /** A connection that connects at first use, under that use's deadline and retry policy. */
    public static Connection lazy(ConnectionOptions options) {
        return new Connection(new Session(requireNonNull(options, "options")));
    }

    /**
     * A second connection with the same options, which connects at first use and shares nothing with this one: Kombu's
     * {@code clone}. With other options: {@code Connection.lazy(connection.options().heartbeat(...))}.
     */
    public Connection copy() {
        return lazy(options());
    }

    /**
     * Connects unless a link is up, under the policy: every broker once per round, and a round that fails uses up an
     * attempt when the sleep before it is over. Waits.
     *
     * <p>The connection's own pauses ({@link ConnectionOptions#reconnectBackoff}) part the rounds. A link that opens
     * during a sleep ends it. The connection stays open when this gives up: close it, or try again.
     *
     * @return this connection
     * @throws RetriesExhaustedException if the policy's last round failed, with that failure as the cause
     * @throws AmqpException as it came, if the policy does not retry after it, as after a refused login
     */
    public Connection ensureConnection(RetryPolicy policy) {
        BlockingCalls.refuseOn(inEventLoop(), "ensureConnection", "ensureConnectionAsync");
        return BlockingCalls.forReply(ensureConnectionAsync(policy), "connect");
    }

    /** The same, but gives up as {@link RetriesExhaustedException} when the next sleep would not end within the timeout. */
    public Connection ensureConnection(RetryPolicy policy, Duration timeout) {
        BlockingCalls.refuseOn(inEventLoop(), "ensureConnection", "ensureConnectionAsync");
        return BlockingCalls.forReply(connected(ensuring(policy, requireNonNull(timeout, "timeout"))), "connect");
    }

    /** Asynchronous form of {@link #ensureConnection}. Cancelling the future ends the attempts. */
    public CompletableFuture<Connection> ensureConnectionAsync(RetryPolicy policy) {
        return connected(ensuring(policy, null));
    }

    private CompletableFuture<Connection> connected(RetryLoop ensuring) {
        CompletableFuture<Void> connected = ensuring.connected();
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
     * Runs an operation until it succeeds, n + 1 times at the most for a policy of n retries. Each attempt first waits
     * for a link if there is none, and one that finds none is used up; before every retry the policy sleeps, after a nack
     * or a closed channel too, and {@code onRetry} is told. Waits; everything runs on the caller's thread.
     *
     * <p>An attempt may have done its work and failed all the same: the operation should bear being run twice. Inside
     * another {@code ensure}, or with a publish that retries inside, the inner policy's attempts are all: {@link
     * RetriesExhaustedException} is never retried.
     *
     * @return what the operation returned
     * @throws RetriesExhaustedException if the last attempt failed, with that failure as the cause
     * @throws AmqpException as it came, if the policy does not retry after it
     */
    public <T extends @Nullable Object> T ensure(RetryPolicy policy, Supplier<T> operation) {
        return ensured(policy, null, operation);
    }

    /** Runs an operation that returns nothing as {@link #ensure(RetryPolicy, Supplier)} does. */
    @SuppressWarnings("FunctionalInterfaceClash") // as with ExecutorService.submit, a lambda says which it is
    public void ensure(RetryPolicy policy, Runnable operation) {
        requireNonNull(operation, "operation");
        Object unused = ensured(policy, null, () -> {
            operation.run();
            return this;
        });
    }

    /**
     * Runs an operation as {@link #ensure(RetryPolicy, Supplier)} does, and gives up as {@link
     * RetriesExhaustedException} when the next sleep would not end within the timeout. An attempt under way is not
     * interrupted.
     */
    public <T extends @Nullable Object> T ensure(RetryPolicy policy, Duration timeout, Supplier<T> operation) {
        return ensured(policy, requireNonNull(timeout, "timeout"), operation);
    }

    private <T extends @Nullable Object> T ensured(
            RetryPolicy policy, @Nullable Duration timeout, Supplier<T> operation) {
        requireNonNull(operation, "operation");
        BlockingCalls.refuseOn(inEventLoop(), "ensure", "ensureConnectionAsync");
        return ensuring(policy, timeout).run(operation);
    }

    /**
     * Returns a function that runs the operation under {@link #ensure(RetryPolicy, Supplier)}, with a channel that it
     * keeps from call to call, and replaces when the broker has closed it. The channel closes with the connection.
     * Thread-safe if the operation is.
     */
    public <R extends @Nullable Object> Supplier<R> autoretry(RetryPolicy policy, Function<Channel, R> operation) {
        requireNonNull(policy, "policy");
        requireNonNull(operation, "operation");
        AtomicReference<@Nullable Channel> kept = new AtomicReference<>();
        return () -> ensure(policy, () -> operation.apply(usable(kept)));
    }

    private Channel usable(AtomicReference<@Nullable Channel> kept) {
        Channel channel = kept.get();
        if (channel != null && !channel.isGone()) {
            return channel;
        }
        Channel opened = channel();
        if (!kept.compareAndSet(channel, opened)) {
            CompletableFuture<Void> unused = opened.closeAsync();
            return usable(kept);
        }
        return opened;
    }

    private RetryLoop ensuring(RetryPolicy policy, @Nullable Duration timeout) {
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

    /** A producer without defaults. All producers of a connection share one confirming channel. */
    public Producer producer() {
        return new Producer(this);
    }

    /** A producer with defaults, such as {@code connection.producer(p -> p.exchange(media).retry())}. */
    public Producer producer(UnaryOperator<PublishOptions> defaults) {
        return new Producer(this, defaults);
    }

    /** Opens a channel and waits for it. */
    public Channel channel() {
        BlockingCalls.refuseOn(inEventLoop(), "channel", "channelAsync");
        return BlockingCalls.forReply(channelAsync(), "channel.open", Channel::closeAsync);
    }

    /** Opens a channel. */
    public CompletableFuture<Channel> channelAsync() {
        return session.newChannel().thenApply(channel -> new Channel(session, channel));
    }

    /** A consumer of these queues, with default options and a channel of its own. */
    public Consumer consumer(Queue... queues) {
        return consumer(List.of(queues), UnaryOperator.identity());
    }

    /**
     * A consumer of these queues with a channel of its own.
     *
     * @param options makes its options from {@link ConsumeOptions#defaults()}; what they do not say, each queue does
     * @throws SerializerNotInstalledException if {@code accept} names what no serializer is called
     */
    public Consumer consumer(List<Queue> queues, UnaryOperator<ConsumeOptions> options) {
        List<Queue> copy = List.copyOf(queues);
        Consumer.Reading reading = new Consumer.Reading(options.apply(ConsumeOptions.defaults()), options());
        return new Consumer(channel(), true, copy, reading);
    }

    /** Declares a durable queue with a direct exchange of its name, bound by its name, to put to and get from. */
    public SimpleQueue simpleQueue(String name) {
        return simpleQueue(Queue.of(name, Exchange.direct(name), name), UnaryOperator.identity());
    }

    /**
     * Declares a queue to put to and get from.
     *
     * @param defaults makes the options of {@link SimpleQueue#put} from those that route to the queue
     */
    public SimpleQueue simpleQueue(Queue queue, UnaryOperator<PublishOptions> defaults) {
        Channel channel = channel();
        try {
            Queue declared = channel.declare(queue);
            Exchange exchange = declared.exchange();
            String key = exchange.name().isEmpty() ? declared.name() : declared.routingKey();
            Producer producer = producer(
                    p -> defaults.apply(p.exchange(exchange).routingKey(key).declare(declared)));
            return new SimpleQueue(channel, declared, producer);
        } catch (RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Declares a {@link #simpleQueue(String)} for messages that need not last: kept in memory, of this connection only and
     * gone with it, acknowledged when handed out.
     */
    public SimpleQueue simpleBuffer(String name) {
        Exchange exchange = Exchange.direct(name).durable(false).autoDelete(true);
        Queue queue = Queue.of(name, exchange, name).durable(false).exclusive(true);
        return simpleQueue(queue, p -> p.deliveryMode(1)).noAck(true);
    }

    /** The options that the connection was made with. */
    @Override
    public ConnectionOptions options() {
        return session.options();
    }

    /** The brokers as a URI, the password masked; see {@link ConnectionOptions#asUri()}. */
    public String asUri() {
        return options().asUri();
    }

    /** What this connection is and leads to at this moment. */
    public ConnectionInfo info() {
        ConnectionOptions options = options();
        Link link = session.link();
        Address address = link == null ? options.addresses().get(0) : link.address();
        Map<String, Object> server = link == null ? Map.of() : link.serverProperties();
        return new ConnectionInfo(
                options.transport(),
                address.host(),
                address.port(),
                options.fixedUsername(),
                options.virtualHost(),
                options.tls(),
                link != null,
                link == null ? options.heartbeat() : Duration.ofSeconds(link.heartbeatSeconds()),
                Objects.toString(server.get("product"), null),
                Objects.toString(server.get("version"), null));
    }

    /**
     * Gives the broker a new secret for this connection's user, such as a token that replaces one about to expire, without
     * a reconnect: AMQP's {@code connection.update-secret}. Waits up to {@link ConnectionOptions#rpcTimeout()}.
     *
     * <p>Only the broker learns it: a reconnect logs in with what {@link ConnectionOptions#credentials()} says then.
     *
     * @param reason why, for the broker's log; up to 255 bytes
     * @throws IllegalArgumentException if the secret does not fit into one frame; nothing is sent then
     * @throws AmqpConnectionException if there is no link, it is lost meanwhile, or the broker refuses: it closes then
     */
    public void updateSecret(String secret, String reason) {
        BlockingCalls.refuseOn(inEventLoop(), "updateSecret", "updateSecretAsync");
        Void unused = BlockingCalls.forReply(updateSecretAsync(secret, reason), "connection.update-secret");
    }

    /** Asynchronous form of {@link #updateSecret}. */
    public CompletableFuture<Void> updateSecretAsync(String secret, String reason) {
        return session.updateSecret(requireNonNull(secret, "secret"), Arguments.shortString("reason", reason));
    }

    /** What this connection has done so far; cheap enough to be asked every second. Any thread, the I/O thread included. */
    public ConnectionStatistics statistics() {
        return session.statistics();
    }

    /** Whether a link is up at this moment. False says nothing bad: publishes wait for the next link. */
    public boolean isOpen() {
        return session.isOpen();
    }

    /** Closes with {@link ConnectionOptions#closeTimeout()}. */
    @Override
    public void close() {
        close(options().closeTimeout());
    }

    /**
     * Closes in bounded time: what is under way is given up to {@code timeout} to get its outcome, the rest fails, as
     * {@link PublishException.DeliveryStatus#NOT_SENT} or {@link PublishException.DeliveryStatus#UNKNOWN}, rightly told apart. A
     * second call hurries the first where its time is shorter, and does nothing else.
     *
     * <p>It does not wait for handlers: deliveries that were read before still reach them afterwards, and can no longer be
     * acknowledged.
     */
    public void close(Duration timeout) {
        CompletableFuture<Void> closed = closeAsync(timeout);
        if (!inEventLoop()) {
            try {
                Void unused = BlockingCalls.forReply(closed, "connection.close");
            } catch (AmqpTimeoutException e) {
                // Interrupted: the flag is set again, and the close goes on by itself.
            }
        }
    }

    /** Closes as {@link #close(Duration)} does; the future is done in time, whatever the broker does. */
    public CompletableFuture<Void> closeAsync(Duration timeout) {
        requireNonNull(timeout, "timeout");
        closed = true;
        return session.close(timeout).copy();
    }

    /** Tells whether {@link #close()} was called: a closed connection refuses new work. A lost link does not close it. */
    public boolean isClosed() {
        return closed;
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
