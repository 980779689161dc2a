package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConnectionStatistics;
import dev.holdfast.Declarable;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.transport.Transports;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One logical connection over many physical ones.
 *
 * <pre>
 *   IDLE ──wanted──► CONNECTING ──linked──► RESTORING ──channels, confirm.select, topology, consumers──► OPEN
 *    ▲                 ▲   │                   │                                                         │
 *    └─────refused─────┼───┘                   │ lost                                                    │ lost
 *                      └───────────────────────┴─────────────────────────────────────────────────────────┘
 *   any ──close──► CLOSED
 * </pre>
 *
 * State is kept on one event loop; methods that say so may be called from any thread.
 */
public final class Session implements LogicalChannel.Owner, Reconnector.Listener, OutboundLog.DrainListener {
    private enum State {
        IDLE,
        CONNECTING,
        RESTORING,
        OPEN,
        CLOSED
    }

    private final ConnectionOptions options;
    private final EventLoop loop;
    private final OutboundLog log;
    private final Watch watch;
    private final Reconnector reconnector;
    private final DeliveryThread deliveryThread;
    private final Executor deliveryExecutor;
    private final ChannelTable channels = new ChannelTable();
    private final List<CompletableFuture<Void>> waitingForOpen = new ArrayList<>();
    private final LogicalChannel declareChannel;
    private final LogicalChannel publishChannel;
    private final Publisher publisher;
    private final Topology topology;
    private final Restoration restoration;
    private final SessionEnd end;
    private final Pauses pauses = new Pauses();
    private final OneAtATime oneAtATime = new OneAtATime();
    private final LinkEnd linkEnd;
    private final Secrets secrets = new Secrets();

    private State state = State.IDLE;
    private volatile @Nullable Link link;
    private long epoch;
    private volatile boolean idle = true;

    /** A session that connects when it is asked to. */
    public Session(ConnectionOptions options) {
        this.options = options;
        String name = "holdfast" + (options.connectionName() == null ? "" : "-" + options.connectionName());
        Transports transports = Transports.of(options.transport());
        EventLoopGroup group = transports.newGroup(name);
        this.loop = group.next();
        this.reconnector = new Reconnector(loop, transports, options, this);
        this.deliveryThread = new DeliveryThread(name + "-deliveries");
        Executor chosen = options.deliveryExecutor();
        this.deliveryExecutor = chosen == null ? deliveryThread : chosen;
        this.watch = new Watch(options.listener(), deliveryExecutor, options.slowConfirm());
        this.log = new OutboundLog(loop, PooledByteBufAllocator.DEFAULT, this, watch);
        this.linkEnd = new LinkEnd(log, oneAtATime);
        this.declareChannel = new LogicalChannel(this, true);
        this.publishChannel = new LogicalChannel(this, true);
        this.publisher = publishChannel.makePublisher();
        this.topology = new Topology(method -> declareChannel.wire().call(method), deliveryExecutor);
        this.restoration = new Restoration(channels, topology, declareChannel, publishChannel);
        this.end = new SessionEnd(loop, log, group, deliveryThread);
        channels.add(declareChannel);
        channels.add(publishChannel);
    }

    // ---- for the objects above; any thread -------------------------------------------------------------------------

    /** Connects, and says how the first round over the addresses went. Any thread. */
    public CompletableFuture<Void> connect() {
        return OnLoop.call(loop, this::untilOpen);
    }

    private CompletableFuture<Void> untilOpen() {
        requireNotClosed();
        CompletableFuture<Void> opened = new CompletableFuture<>();
        if (state == State.OPEN) {
            opened.complete(null);
        } else {
            waitingForOpen.add(opened);
            startConnecting();
        }
        return opened;
    }

    /** A sleep that a link which opens, or the close, ends early. Any thread. */
    public CompletableFuture<Void> pause(Duration length) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        OnLoop.call(loop, () -> {
                    requireNotClosed();
                    pauses.begin(loop, length, over);
                    return over;
                })
                .whenComplete((done, error) -> {
                    if (error != null) {
                        over.completeExceptionally(error);
                    }
                });
        return over;
    }

    private void requireNotClosed() {
        if (state == State.CLOSED) {
            throw closedByUs();
        }
    }

    /** The publisher that all producers of the connection share. Any thread. */
    public Publisher publisher() {
        return publisher;
    }

    /** A new channel of the user's; the future is done when it is open. Any thread. */
    public CompletableFuture<LogicalChannel> newChannel() {
        return OnLoop.call(loop, () -> {
            requireNotClosed();
            LogicalChannel channel = new LogicalChannel(this, false);
            channels.add(channel);
            CompletableFuture<Void> opened = state == State.OPEN
                    ? restoration.openAndResume(channel)
                    : OnLoop.within(loop, options.rpcTimeout(), untilOpen(), "no connection")
                            .thenCompose(done -> openIfMissed(channel));
            return opened.handle((done, error) -> {
                if (error != null) {
                    closeLate(channel, error);
                    throw new CompletionException(error);
                }
                return channel;
            });
        });
    }

    /** The broker may have opened it by now, or may yet. */
    private void closeLate(LogicalChannel channel, Throwable error) {
        channel.close(new AmqpConnectionException("no channel: " + error, error, 0, Initiator.CLIENT, false));
        channels.remove(channel);
    }

    /** A channel that is asked for while others are being restored comes too late for that. */
    private CompletableFuture<Void> openIfMissed(LogicalChannel channel) {
        AmqpException closed = channel.wire().closedBy();
        if (closed != null) {
            return CompletableFuture.failedFuture(closed);
        }
        return channel.wire().isOpen() ? CompletableFuture.completedFuture(null) : restoration.openAndResume(channel);
    }

    /** Closes a channel of the user's; done when the broker has answered, or its time is over. Any thread. */
    public CompletableFuture<Void> closeChannel(LogicalChannel channel) {
        AmqpConnectionException cause =
                new AmqpConnectionException("channel is closed", null, 0, Initiator.CLIENT, false);
        return OnLoop.call(loop, () -> {
            Publisher known = channel.publisherIfAny();
            if (known == null) {
                return channel.close(cause);
            }
            known.refuse(cause);
            CompletableFuture<Void> idle = known.idle();
            loop.schedule(() -> idle.complete(null), options.closeTimeout().toMillis(), TimeUnit.MILLISECONDS);
            return idle.thenComposeAsync(done -> channel.close(cause), loop);
        });
    }

    /** Runs a declaration on the event loop. Any thread. */
    public <T> CompletableFuture<T> topology(Function<Topology, CompletableFuture<T>> operation) {
        return OnLoop.call(loop, () -> operation.apply(topology));
    }

    /** What is used of this connection's options. */
    @Override
    public ConnectionOptions options() {
        return options;
    }

    /** Whether this thread may not wait. */
    public boolean inEventLoop() {
        return loop.inEventLoop();
    }

    /** Tells the broker a new secret of this link's user. Any thread. */
    public CompletableFuture<Void> updateSecret(String secret, String reason) {
        return OnLoop.call(loop, () -> secrets.update(link, secret, reason, options.rpcTimeout()));
    }

    /** What was counted so far. Any thread. */
    public ConnectionStatistics statistics() {
        return log.statistics();
    }

    /** The link at this moment, null while there is none. Any thread. */
    public @Nullable Link link() {
        return link;
    }

    /** Whether publishes go out at once at this moment. */
    public boolean isOpen() {
        return !idle && log.isOpen();
    }

    /** Closes everything; the future is done in time, whatever the broker does. Any thread. */
    public CompletableFuture<Void> close(Duration timeout) {
        if (!end.done().isDone()) {
            loop.execute(() -> end.begin(timeout, publishers(), state == State.IDLE, closedByUs(), this::finish));
        }
        return end.done();
    }

    private @Nullable Link finish() {
        state = State.CLOSED;
        reconnector.stop();
        AmqpConnectionException cause = closedByUs();
        linkEnd.lost(cause, publishers()); // nothing more goes out: what was sent and what was not is told apart now
        for (LogicalChannel channel : channels.all()) {
            channel.close(cause);
        }
        failWaiting(cause);
        secrets.linkLost(cause);
        pauses.end();
        return link;
    }

    private List<Publisher> publishers() {
        List<Publisher> all = new ArrayList<>();
        for (LogicalChannel channel : channels.all()) {
            Publisher known = channel.publisherIfAny();
            if (known != null) {
                all.add(known);
            }
        }
        return all;
    }

    private static AmqpConnectionException closedByUs() {
        return new AmqpConnectionException("connection is closed", null, 0, Initiator.CLIENT, false);
    }

    // ---- for the channels ------------------------------------------------------------------------------------------

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public OutboundLog log() {
        return log;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public int frameMax() {
        Link present = link;
        return present == null ? Integer.MAX_VALUE : present.frameMax();
    }

    @Override
    public boolean isRabbit() {
        Link present = link;
        return present != null && present.isRabbit();
    }

    @Override
    public OneAtATime oneAtATime() {
        return oneAtATime;
    }

    @Override
    public Executor deliveryExecutor() {
        return deliveryExecutor;
    }

    @Override
    public String currentName(String queue) {
        return topology.currentName(queue);
    }

    @Override
    public void wantLink() {
        if (idle) {
            loop.execute(this::startConnecting);
        }
    }

    @Override
    public boolean stands(List<Declarable> entities) {
        return topology.stands(entities);
    }

    @Override
    public CompletableFuture<Void> ensure(List<Declarable> entities, boolean always) {
        return topology.declare(entities, always);
    }

    @Override
    public void missing() {
        topology.missing();
    }

    @Override
    public void dropLink(AmqpException cause) {
        if (link != null) {
            link.abort(cause);
        }
    }

    @Override
    public void channelDown(LogicalChannel channel, boolean again) {
        channels.free(channel.wire().number());
        if (!again) {
            channels.remove(channel);
        } else if (state == State.OPEN || state == State.RESTORING) {
            // The session cannot do without it: where it will not open again, a new link and the pause before it may
            // help.
            restoration.openAndResume(channel).exceptionally(error -> {
                dropLink(new AmqpConnectionException(
                        "could not open a channel again: " + error, error, 0, Initiator.CLIENT, true));
                return null;
            });
        }
    }

    private void startConnecting() {
        if (state == State.IDLE) {
            state = State.CONNECTING;
            idle = false;
            reconnector.start();
        }
    }

    // ---- from the reconnector and the link -------------------------------------------------------------------------

    @Override
    public void linked(Link opened) {
        link = opened;
        watch.connected(opened);
        epoch++;
        state = State.RESTORING;
        channels.reset(opened.channelMax());
        log.open(opened);
        long mine = epoch;
        restoration.run().whenComplete((done, error) -> {
            if (epoch == mine && state == State.RESTORING) {
                if (error == null) {
                    opened();
                } else {
                    opened.abort(new AmqpConnectionException(
                            "could not set the connection up: " + error, error, 0, Initiator.CLIENT, true));
                }
            }
        });
    }

    private void opened() {
        state = State.OPEN;
        List<CompletableFuture<Void>> waiting = List.copyOf(waitingForOpen);
        waitingForOpen.clear();
        waiting.forEach(future -> future.complete(null));
        pauses.end();
    }

    @Override
    public void roundFailed(AmqpException cause) {
        watch.connectFailed(cause);
        publishers().forEach(each -> each.recovery().roundFailed(cause));
        failWaiting(cause);
    }

    @Override
    public void refused(AmqpException cause) {
        watch.connectFailed(cause);
        state = State.IDLE;
        idle = true;
        publishers().forEach(each -> each.recovery().refused(cause));
        failWaiting(cause);
    }

    private void failWaiting(AmqpException cause) {
        List<CompletableFuture<Void>> waiting = List.copyOf(waitingForOpen);
        waitingForOpen.clear();
        waiting.forEach(future -> future.completeExceptionally(cause));
    }

    @Override
    public void closed(AmqpException cause) {
        AmqpConnectionException lost = cause instanceof AmqpConnectionException known
                ? known
                : new AmqpConnectionException(String.valueOf(cause.getMessage()), cause, 0, Initiator.NETWORK, true);
        boolean wasOpen = state == State.OPEN;
        watch.closed(link, lost);
        link = null;
        try {
            channels.settleLast();
            linkEnd.lost(lost, publishers());
            secrets.linkLost(lost);
            topology.linkLost();
            for (LogicalChannel channel : channels.all()) {
                channel.linkLost(lost);
                if (channel.wire().closedBy() != null) {
                    channels.remove(channel);
                }
            }
            if (!wasOpen) {
                publishers().forEach(each -> each.recovery().roundFailed(Losses.innocent(lost)));
                failWaiting(lost);
            }
        } finally {
            // Whatever goes wrong above, the session comes back.
            if (state != State.CLOSED) {
                state = State.CONNECTING;
                reconnector.start();
            }
        }
    }

    @Override
    public void frame(int type, int channel, ByteBuf in, int length) {
        channels.dispatch(type, channel, in, length);
    }

    @Override
    public void readComplete() {
        channels.settle();
    }

    @Override
    public void writable() {
        log.writable();
    }

    @Override
    public void blocked(String reason) {
        watch.blocked(reason);
        log.block("connection blocked by broker: " + reason);
        publishers().forEach(Publisher::wake);
    }

    @Override
    public void unblocked() {
        watch.unblocked();
        log.block(null);
        publishers().forEach(Publisher::wake);
    }

    @Override
    public void secretUpdated() {
        secrets.updated();
    }

    @Override
    public void drained() {
        if (!options.confirms()) {
            publishers().forEach(each -> each.confirms().handedOver());
        }
    }

    @Override
    public void failed(Throwable cause) {
        dropLink(new AmqpConnectionException("write failed: " + cause, cause, 0, Initiator.NETWORK, true));
    }

    @Override
    public String toString() {
        return "session[" + state + ", link " + epoch + ", " + publisher + "]";
    }
}
