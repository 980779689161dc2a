package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.session.Publisher;
import dev.holdfast.internal.session.Session;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

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
            Void unused = Waiting.forReply(connection.session.connect(), "connect");
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
        Waiting.refuseOn(inEventLoop(), "channel", "channelAsync");
        return Waiting.forReply(channelAsync(), "channel.open");
    }

    /** Opens a channel. */
    public CompletableFuture<Channel> channelAsync() {
        return session.newChannel().thenApply(channel -> new Channel(session, channel));
    }

    /** The options that the connection was made with. */
    @Override
    public ConnectionOptions options() {
        return session.options();
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
     * {@link PublishException.Delivery#NOT_SENT} or {@link PublishException.Delivery#UNKNOWN}, rightly told apart. A
     * second call does nothing.
     */
    public void close(Duration timeout) {
        CompletableFuture<Void> closed = closeAsync(timeout);
        if (!inEventLoop()) {
            try {
                Void unused = Waiting.forReply(closed, "connection.close");
            } catch (AmqpTimeoutException e) {
                // Interrupted: the flag is set again, and the close goes on by itself.
            }
        }
    }

    /** Closes as {@link #close(Duration)} does; the future is done in time, whatever the broker does. */
    public CompletableFuture<Void> closeAsync(Duration timeout) {
        requireNonNull(timeout, "timeout");
        return session.close(timeout).copy();
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
