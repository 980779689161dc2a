package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConnectionStatistics;
import dev.holdfast.internal.channel.ChannelResources;
import dev.holdfast.internal.channel.ChannelTable;
import dev.holdfast.internal.channel.DeliveryResources;
import dev.holdfast.internal.channel.LinkHolder;
import dev.holdfast.internal.concurrent.Steps;
import dev.holdfast.internal.concurrent.WakeableDelays;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.inbound.ReadCoalescer;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.CompletionQueue;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.FaultAttribution;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.publish.PublisherResources;
import dev.holdfast.internal.state.BodyBudget;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.topology.RestoreRetries;
import dev.holdfast.internal.transport.Link;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The states of a session as its links open and end. Passes the events of the current link to the parts of the
 * session.
 *
 * <pre>
 *   IDLE ──requestLink──► CONNECTING ──linked──► RESTORING ──restored──► OPEN
 *    ▲                      ▲   │                   │                     │
 *    └───────given up───────┼───┘                   │ lost                │ lost
 *                           └───────────────────────┴─────────────────────┘
 *   any ──close──► CLOSED
 * </pre>
 *
 * Event loop only, except for methods that say "any thread".
 */
final class SessionLifecycle implements Reconnector.Listener {
    private enum State {
        IDLE,
        CONNECTING,
        RESTORING,
        OPEN,
        CLOSED
    }

    private final ConnectionOptions options;
    private final EventLoop loop;
    private final LinkHolder link;
    private final OutboundLog log;
    private final ConnectionEvents events;
    private final Reconnector reconnector;
    private final SessionChannels channels;
    private final ChannelTable table = new ChannelTable();
    private final FaultAttribution faultAttribution;
    private final SecretUpdates secrets = new SecretUpdates();
    private final AutoRead autoRead;
    private final DeliveryBacklog backlog;
    private final BodyBudget incompleteBodies;
    private final ReadCoalescer readCoalescer;
    private final List<CompletableFuture<Void>> openFutures = new ArrayList<>();
    private final WakeableDelays delays = new WakeableDelays();

    private long transferredAtTick;

    /** Written on the event loop. */
    private volatile State state = State.IDLE;

    /** {@link #start} must be called before anything else. */
    SessionLifecycle(ConnectionOptions options, EventLoop loop, NettyTransport transport, Executor deliveryExecutor) {
        this.options = options;
        this.loop = loop;
        this.link = new LinkHolder(loop);
        this.events = new ConnectionEvents(options.listener(), deliveryExecutor, options.slowConfirm(), loop.ticker());
        this.autoRead = new AutoRead(this::holdReads);
        ExpectedReplies expected = new ExpectedReplies(secrets, table);
        this.backlog =
                new DeliveryBacklog(loop, autoRead, options.maxDeliveryBacklogBytes(), () -> expected.any(log()));
        this.incompleteBodies = new BodyBudget(Math.max(options.maxInboundMessageSize(), backlog.heldAbove()));
        DrainHandler drains = new DrainHandler(link, table, backlog, options.confirms());
        this.log = new OutboundLog(loop, transport.allocator(), drains, events);
        DeliveryResources inbound = new DeliveryResources(autoRead, backlog, incompleteBodies, deliveryExecutor);
        PublisherResources publishers = PublisherResources.create(log, options, completionExecutor());
        RestoreRetries.Policy policy = new RestoreRetries.Policy(
                loop,
                options.reconnectDelayMin(),
                options.reconnectDelayMax(),
                options.restoreLimit(),
                events,
                log::guarded);
        this.channels =
                new SessionChannels(new ChannelResources(options, link, log, inbound, publishers), table, policy);
        this.readCoalescer = new ReadCoalescer(loop, autoRead, log, table::minUnconfirmed, expected::moreThanConfirms);
        this.faultAttribution = new FaultAttribution(publishers);
        this.reconnector = new Reconnector(loop, transport, options);
    }

    private @Nullable Executor completionExecutor() {
        Executor executor = options.completionExecutor();
        return executor == null
                ? null
                : backlog.counted(
                        executor, outcomes -> DeliveryBacklog.OVERHEAD * (long) CompletionQueue.size(outcomes));
    }

    /** Accepts requests for a link from now on. */
    void start() {
        link.onRequest(this::requestLink);
    }

    SessionChannels channels() {
        return channels;
    }

    /** Any thread. */
    OutboundLog log() {
        return log;
    }

    /** The counters so far. Any thread. */
    ConnectionStatistics statistics() {
        return log.statistics(events.connects(), events.blockedTime(), backlog.droppedDeliveries());
    }

    /** The current link; null without one. Any thread. */
    @Nullable
    Link link() {
        return link.get();
    }

    /** Whether no link is open, being opened or requested: before the first request, or after a refusal. */
    boolean isIdle() {
        return state == State.IDLE;
    }

    /** Starts to connect unless there is a link or an attempt. Any thread. */
    private void requestLink() {
        if (state == State.IDLE) {
            loop.execute(this::connect);
        }
    }

    private void connect() {
        if (state == State.IDLE) {
            state = State.CONNECTING;
            reconnector.start(this);
        }
    }

    /** Connects. If the first connect round fails, the future fails with its cause. */
    CompletableFuture<Void> untilOpen() {
        requireNotClosed();
        CompletableFuture<Void> future = new CompletableFuture<>();
        if (state == State.OPEN) {
            future.complete(null);
        } else {
            openFutures.add(future);
            connect();
        }
        return future;
    }

    /** Completes {@code over} after this time, or earlier when the session opens or closes. */
    CompletableFuture<Void> pause(Duration length, CompletableFuture<Void> over) {
        requireNotClosed();
        delays.start(loop, length, over);
        return over;
    }

    /** Sends the broker a new secret for the user of the current link. */
    CompletableFuture<Void> updateSecret(String secret, String reason) {
        CompletableFuture<Void> updated = secrets.update(link.get(), secret, reason, options.rpcTimeout());
        autoRead.resume(); // the reply must be read
        return updated;
    }

    /** Holds back no reads from now on: replies that the close waits for may come after deliveries. */
    void closing() {
        backlog.closing();
    }

    void requireNotClosed() {
        if (state == State.CLOSED) {
            throw connectionClosed();
        }
    }

    static AmqpConnectionException connectionClosed() {
        return new AmqpConnectionException("connection is closed", null, 0, Initiator.CLIENT, false);
    }

    /**
     * Ends the session: closes all channels, and fails all waiting calls. Returns the link that remains to be closed.
     */
    @Nullable
    Link finish() {
        state = State.CLOSED;
        reconnector.stop();
        AmqpConnectionException cause = connectionClosed();
        Steps.runAll(
                // After this call nothing is sent, so each message is either NOT_SENT or UNKNOWN.
                () -> faultAttribution.linkLost(cause, table.publishers()),
                () -> channels.closeAll(cause),
                () -> failOpenFutures(cause),
                () -> secrets.linkLost(cause),
                delays::wakeAll);
        return link.get();
    }

    @Override
    public void linked(Link opened) {
        link.opened(opened);
        autoRead.linkOpened(opened::setAutoRead);
        backlog.linkOpened();
        state = State.RESTORING;
        CompletableFuture.completedFuture(opened).thenCompose(this::restore).whenComplete((done, error) -> {
            if (link.get() == opened && state == State.RESTORING) {
                if (error == null) {
                    opened();
                } else {
                    opened.abort(new AmqpConnectionException(
                            "could not set the connection up: " + error, error, 0, Initiator.CLIENT, true));
                }
            }
        });
    }

    private CompletableFuture<Void> restore(Link opened) {
        events.connected(opened);
        log.open(opened);
        return channels.restore(opened.channelMax());
    }

    private void opened() {
        state = State.OPEN;
        takeOpenFutures().forEach(future -> future.complete(null));
        delays.wakeAll();
        Steps.runAll(this::releaseIdle);
    }

    /** Releases the memory of a connection that has sent nothing since the last tick. */
    @Override
    public void tick() {
        log.lock();
        long transferred = log.segments().transferredBytes();
        log.unlock();
        if (transferred == transferredAtTick) {
            Steps.runAll(this::releaseIdle);
        }
        transferredAtTick = transferred;
    }

    private void releaseIdle() {
        Link opened = link.get();
        if (opened != null) {
            opened.releaseIdle();
        }
        log.lock();
        try {
            log.segments().releaseIdle();
            table.publishers().forEach(Publisher::releaseIdle);
        } finally {
            log.unlock();
        }
    }

    @Override
    public boolean isLinkAwaited() {
        return !openFutures.isEmpty() || delays.isRunning() || table.awaitsLink();
    }

    @Override
    public void roundFailed(AmqpException cause) {
        events.connectFailed(cause);
        link.connectFailed(cause);
        table.publishers().forEach(publisher -> publisher.recovery().roundFailed(cause));
        failOpenFutures(cause);
    }

    @Override
    public void refused(AmqpException cause) {
        events.connectFailed(cause);
        state = State.IDLE;
        table.publishers().forEach(publisher -> publisher.recovery().refused(cause));
        table.all().forEach(channel -> channel.wire().refused(cause));
        failOpenFutures(cause);
    }

    private void failOpenFutures(AmqpException cause) {
        takeOpenFutures().forEach(future -> future.completeExceptionally(cause));
    }

    private List<CompletableFuture<Void>> takeOpenFutures() {
        List<CompletableFuture<Void>> futures = List.copyOf(openFutures);
        openFutures.clear();
        return futures;
    }

    @Override
    public void closed(AmqpException cause) {
        AmqpConnectionException lost = cause instanceof AmqpConnectionException connectionCause
                ? connectionCause
                : new AmqpConnectionException(String.valueOf(cause.getMessage()), cause, 0, Initiator.NETWORK, true);
        boolean wasOpen = state == State.OPEN;
        Link ended = link.get();
        link.lost();
        Steps.runAll(
                () -> events.closed(ended, lost),
                table::flushAfterLinkLoss,
                autoRead::linkLost,
                () -> faultAttribution.linkLost(lost, table.publishers()),
                () -> secrets.linkLost(lost),
                () -> channels.linkLost(lost));
        if (!wasOpen) {
            AmqpException failure = BrokerFaults.recoverableCopy(lost);
            Steps.runAll(
                    () -> table.publishers()
                            .forEach(publisher -> publisher.recovery().roundFailed(failure)),
                    () -> failOpenFutures(lost));
        }
        if (state != State.CLOSED) {
            state = State.CONNECTING;
            reconnector.start(this);
        }
    }

    @Override
    public void frame(int type, int channel, ByteBuf in, int length) {
        table.dispatch(type, channel, in, length);
    }

    private void holdReads(boolean held) {
        log.silence().holdReads(held);
    }

    @Override
    public void readComplete() {
        log.silence().heard();
        table.flushDeferred();
        log.received();
        readCoalescer.readComplete();
    }

    @Override
    public void writable() {
        log.writable();
    }

    @Override
    public void blocked(String reason) {
        events.blocked(reason);
        log.silence().block("connection blocked by broker: " + reason);
        table.publishers().forEach(Publisher::wake);
    }

    @Override
    public void unblocked() {
        events.unblocked();
        log.silence().block(null);
        table.publishers().forEach(Publisher::wake);
    }

    @Override
    public void secretUpdated() {
        secrets.updated();
    }

    @Override
    public String toString() {
        return state + ", link " + link.epoch() + ", " + autoRead + ", " + backlog + ", incomplete "
                + incompleteBodies.used();
    }
}
