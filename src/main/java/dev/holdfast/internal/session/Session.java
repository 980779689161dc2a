package dev.holdfast.internal.session;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConnectionStatistics;
import dev.holdfast.Transport;
import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.eventloop.IoThreads;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.topology.Topology;
import dev.holdfast.internal.transport.Link;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One logical connection over many physical ones: the entry of the public objects to the internals. Its state is
 * confined to one event loop; every method may be called from any thread.
 */
public final class Session {
    private final ConnectionOptions options;
    private final Transport transport;
    private final EventLoop loop;
    private final SessionLifecycle lifecycle;
    private final SessionChannels channels;
    private final SessionShutdown shutdown;

    /** Creates a session on these threads, which connects on the first request for a link. */
    public Session(ConnectionOptions options, IoThreads threads) {
        this.options = options;
        this.transport = threads.transport().transport();
        this.loop = threads.acquire();
        Runnable onShutdown = this::endWithLoop;
        try {
            Executor deliveries = options.deliveryExecutor();
            this.lifecycle = new SessionLifecycle(
                    options, loop, threads.transport(), deliveries == null ? threads.deliveryExecutor() : deliveries);
            this.channels = lifecycle.channels();
            this.shutdown = new SessionShutdown(loop, lifecycle.log(), () -> threads.release(loop, onShutdown));
            threads.onShutdown(loop, onShutdown);
            lifecycle.start();
        } catch (RuntimeException | Error e) {
            threads.release(loop, onShutdown);
            throw e;
        }
    }

    /** Connects. Fails with the outcome of the first round over the addresses if that does not succeed. */
    public CompletableFuture<Void> connect() {
        return EventLoopCalls.call(loop, lifecycle::untilOpen);
    }

    /** Completes after this time, or earlier when the session opens or closes. */
    public CompletableFuture<Void> pause(Duration length) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        EventLoopCalls.call(loop, () -> lifecycle.pause(length, over)).whenComplete((done, error) -> {
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

    /** Creates a channel of a user; the future completes when it is open. */
    public CompletableFuture<RecoveringChannel> newChannel() {
        return EventLoopCalls.call(loop, () -> {
            lifecycle.requireNotClosed();
            RecoveringChannel channel = channels.add();
            return EventLoopCalls.withTimeout(loop, options.rpcTimeout(), lifecycle.untilOpen(), "no connection")
                    .thenCompose(done -> EventLoopCalls.withTimeout(
                            loop,
                            options.rpcTimeout(),
                            channels.open(channel),
                            () -> lifecycle.log().silence().noReply("no reply to channel.open", options.rpcTimeout())))
                    .handle((done, error) -> {
                        if (error != null) {
                            channels.abandon(channel, error);
                            throw new CompletionException(error);
                        }
                        return channel;
                    });
        });
    }

    /** Closes a channel of a user; completes when the broker has answered, or after {@code closeTimeout}. */
    public CompletableFuture<Void> closeChannel(RecoveringChannel channel) {
        return EventLoopCalls.call(loop, () -> channels.close(channel));
    }

    /** Runs an operation of the topology on the event loop. */
    public <T> CompletableFuture<T> topology(Function<Topology, CompletableFuture<T>> operation) {
        return EventLoopCalls.call(loop, () -> operation.apply(channels.topology()));
    }

    /** Returns the present name of the queue that has or had this name. */
    public String currentName(String queue) {
        return channels.currentName(queue);
    }

    /** The options of the connection. */
    public ConnectionOptions options() {
        return options;
    }

    /** The transport that drives the sockets; never AUTO. */
    public Transport transport() {
        return transport;
    }

    /** Whether this thread is an event loop of the session's threads, which must not block. */
    public boolean inEventLoop() {
        return EventLoopCalls.isOnGroupOf(loop);
    }

    /** Sends the broker a new secret for the user of the current link. */
    public CompletableFuture<Void> updateSecret(String secret, String reason) {
        return EventLoopCalls.call(loop, () -> lifecycle.updateSecret(secret, reason));
    }

    /** The counters so far. */
    public ConnectionStatistics statistics() {
        return lifecycle.statistics();
    }

    /** The current link; null without one. */
    public @Nullable Link link() {
        return lifecycle.link();
    }

    /** Whether there is a link, so that publishes are sent without delay. */
    public boolean isOpen() {
        return lifecycle.log().isOpen();
    }

    /** Closes the session. The future completes within the timeout, whatever the broker does. */
    public CompletableFuture<Void> close(Duration timeout) {
        if (!shutdown.done().isDone()) {
            try {
                loop.execute(() -> closeNow(timeout));
            } catch (RejectedExecutionException e) { // the host's loop has ended, and the session with it
                shutdown.complete();
            }
        }
        return shutdown.done();
    }

    private void closeNow(Duration timeout) {
        lifecycle.closing();
        shutdown.begin(
                timeout,
                channels.table().publishers(),
                lifecycle.isIdle(),
                SessionLifecycle.connectionClosed(),
                lifecycle::finish);
    }

    /** Timers of the loop do not run any more. */
    private void endWithLoop() {
        closeNow(Duration.ZERO);
        shutdown.end(SessionLifecycle.connectionClosed());
    }

    /** Whether a close is complete. */
    public boolean isClosed() {
        return shutdown.done().isDone();
    }

    @Override
    public String toString() {
        return "session[" + lifecycle + ", " + publisher() + "]";
    }
}
