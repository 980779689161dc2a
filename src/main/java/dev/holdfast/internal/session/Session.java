package dev.holdfast.internal.session;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConnectionStatistics;
import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.concurrent.IdleThreadExecutor;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.topology.Topology;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.transport.NettyTransport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One logical connection over many physical ones, as the objects above see it. Its state is kept on one event loop; every
 * method may be called from any thread.
 */
public final class Session {
    private final ConnectionOptions options;
    private final EventLoop loop;
    private final SessionLifecycle life;
    private final SessionChannels channels;
    private final SessionShutdown end;

    /** A session that connects when it is asked to. */
    public Session(ConnectionOptions options) {
        this.options = options;
        String name = "holdfast" + (options.connectionName() == null ? "" : "-" + options.connectionName());
        NettyTransport transports = NettyTransport.of(options.transport());
        EventLoopGroup group = transports.newGroup(name);
        IdleThreadExecutor deliveryThread = new IdleThreadExecutor(name + "-deliveries");
        Executor chosen = options.deliveryExecutor();
        this.loop = group.next();
        this.life = new SessionLifecycle(options, loop, transports, chosen == null ? deliveryThread : chosen);
        this.channels = life.channels();
        this.end = new SessionShutdown(loop, life.log(), group, deliveryThread);
    }

    /** Connects, and says how the first round over the addresses went. */
    public CompletableFuture<Void> connect() {
        return EventLoopCalls.call(loop, life::untilOpen);
    }

    /** A sleep that a link which opens, or the close, ends early. */
    public CompletableFuture<Void> pause(Duration length) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        EventLoopCalls.call(loop, () -> life.pause(length, over)).whenComplete((done, error) -> {
            if (error != null) {
                over.completeExceptionally(error);
            }
        });
        return over;
    }

    /** The publisher that all producers of the connection share. */
    public Publisher publisher() {
        return channels.publisher();
    }

    /** A new channel of the user's; the future is done when it is open. */
    public CompletableFuture<RecoveringChannel> newChannel() {
        return EventLoopCalls.call(loop, () -> {
            life.requireNotClosed();
            RecoveringChannel channel = channels.add();
            return EventLoopCalls.withTimeout(loop, options.rpcTimeout(), life.untilOpen(), "no connection")
                    .thenCompose(done -> channels.open(channel))
                    .handle((done, error) -> {
                        if (error != null) {
                            channels.abandon(channel, error);
                            throw new CompletionException(error);
                        }
                        return channel;
                    });
        });
    }

    /** Closes a channel of the user's; done when the broker has answered, or its time is over. */
    public CompletableFuture<Void> closeChannel(RecoveringChannel channel) {
        return EventLoopCalls.call(loop, () -> channels.close(channel));
    }

    /** Runs a declaration on the event loop. */
    public <T> CompletableFuture<T> topology(Function<Topology, CompletableFuture<T>> operation) {
        return EventLoopCalls.call(loop, () -> operation.apply(channels.topology()));
    }

    /** The options that it was made with. */
    public ConnectionOptions options() {
        return options;
    }

    /** Whether this thread may not wait. */
    public boolean inEventLoop() {
        return loop.inEventLoop();
    }

    /** Tells the broker a new secret of this link's user. */
    public CompletableFuture<Void> updateSecret(String secret, String reason) {
        return EventLoopCalls.call(loop, () -> life.updateSecret(secret, reason));
    }

    /** What was counted so far. */
    public ConnectionStatistics statistics() {
        return life.statistics();
    }

    /** The link at this moment, null while there is none. */
    public @Nullable Link link() {
        return life.link();
    }

    /** Whether publishes go out at once at this moment. */
    public boolean isOpen() {
        return life.log().isOpen();
    }

    /** Closes everything; the future is done in time, whatever the broker does. */
    public CompletableFuture<Void> close(Duration timeout) {
        if (!end.done().isDone()) {
            loop.execute(() -> {
                life.liftDeliveryBound();
                end.begin(
                        timeout,
                        channels.table().publishers(),
                        life.isIdle(),
                        SessionLifecycle.closedByUs(),
                        life::finish);
            });
        }
        return end.done();
    }

    @Override
    public String toString() {
        return "session[" + life + ", " + publisher() + "]";
    }
}
