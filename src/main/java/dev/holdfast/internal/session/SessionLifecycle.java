package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConnectionStatistics;
import dev.holdfast.internal.channel.ChannelResources;
import dev.holdfast.internal.channel.ChannelTable;
import dev.holdfast.internal.channel.InboundFlow;
import dev.holdfast.internal.channel.LinkHolder;
import dev.holdfast.internal.concurrent.WakeableDelays;
import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.inbound.ReadCoalescer;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.FaultAttribution;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.publish.StopAndWait;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.transport.NettyTransport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a session as its links come and go.
 *
 * <pre>
 *   IDLE ──wanted──► CONNECTING ──linked──► RESTORING ──channels, confirm.select, topology, consumers──► OPEN
 *    ▲                 ▲   │                   │                                                         │
 *    └─────refused─────┼───┘                   │ lost                                                    │ lost
 *                      └───────────────────────┴─────────────────────────────────────────────────────────┘
 *   any ──close──► CLOSED
 * </pre>
 *
 * Event loop only, but for what says "any thread".
 */
final class SessionLifecycle implements Reconnector.Listener, OutboundLog.DrainListener {
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
    private final FaultAttribution linkEnd;
    private final SecretUpdates secrets = new SecretUpdates();
    private final AutoRead reads = new AutoRead();
    private final DeliveryBacklog backlog;
    private final ReadCoalescer readRest;
    private final List<CompletableFuture<Void>> waitingForOpen = new ArrayList<>();
    private final WakeableDelays pauses = new WakeableDelays();

    /** Changed on the event loop. */
    private volatile State state = State.IDLE;

    SessionLifecycle(ConnectionOptions options, EventLoop loop, NettyTransport transports, Executor deliveryExecutor) {
        this.options = options;
        this.loop = loop;
        this.link = new LinkHolder(loop);
        link.onRequest(this::requestLink);
        this.events = new ConnectionEvents(options.listener(), deliveryExecutor, options.slowConfirm(), loop.ticker());
        this.log = new OutboundLog(loop, UnpooledByteBufAllocator.DEFAULT, this, events);
        this.reconnector = new Reconnector(loop, transports, options, this);
        this.backlog = new DeliveryBacklog(loop, reads, options.maxDeliveryBacklogBytes(), this::awaitsAnswer);
        InboundFlow inbound = new InboundFlow(reads, backlog, deliveryExecutor);
        StopAndWait stopAndWait = new StopAndWait();
        this.channels = new SessionChannels(new ChannelResources(options, link, log, inbound, stopAndWait), table);
        this.readRest = new ReadCoalescer(loop, reads, log, table::minUnconfirmed, this::awaitsMore);
        this.linkEnd = new FaultAttribution(log, stopAndWait);
    }

    SessionChannels channels() {
        return channels;
    }

    /** Any thread. */
    OutboundLog log() {
        return log;
    }

    /** What was counted so far. Any thread. */
    ConnectionStatistics statistics() {
        return log.statistics(events.connects(), events.blockedTime());
    }

    /** The link at this moment, null while there is none. Any thread. */
    @Nullable
    Link link() {
        return link.get();
    }

    /** Whether nobody has asked for a link yet, or none is to be had. */
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
            reconnector.start();
        }
    }

    /** Reads without a bound from now on: the replies to the close come after deliveries. */
    void liftDeliveryBound() {
        backlog.removeLimit();
    }

    /** Connects, and says how the round over the addresses went. */
    CompletableFuture<Void> untilOpen() {
        requireNotClosed();
        CompletableFuture<Void> opened = new CompletableFuture<>();
        if (state == State.OPEN) {
            opened.complete(null);
        } else {
            waitingForOpen.add(opened);
            connect();
        }
        return opened;
    }

    /** Completes {@code over} after this time, or earlier when a link opens, or at the close. */
    CompletableFuture<Void> pause(Duration length, CompletableFuture<Void> over) {
        requireNotClosed();
        pauses.begin(loop, length, over);
        return over;
    }

    /** Tells the broker a new secret of this link's user. */
    CompletableFuture<Void> updateSecret(String secret, String reason) {
        CompletableFuture<Void> updated = secrets.update(link.get(), secret, reason, options.rpcTimeout());
        reads.resume(); // the answer is to be heard
        return updated;
    }

    private boolean awaitsAnswer() {
        return secrets.awaitsReply()
                || table.awaitsReply()
                || table.publishers().stream().anyMatch(Publisher::awaitsConfirms);
    }

    private boolean awaitsMore() {
        return secrets.awaitsReply() || table.expectsMoreThanConfirms();
    }

    void requireNotClosed() {
        if (state == State.CLOSED) {
            throw closedByUs();
        }
    }

    static AmqpConnectionException closedByUs() {
        return new AmqpConnectionException("connection is closed", null, 0, Initiator.CLIENT, false);
    }

    /** Ends it for good; returns the link that is left to close. */
    @Nullable
    Link finish() {
        state = State.CLOSED;
        reconnector.stop();
        AmqpConnectionException cause = closedByUs();
        // Nothing more goes out: what was sent and what was not is told apart now.
        linkEnd.linkLost(cause, table.publishers());
        channels.closeAll(cause);
        failWaiting(cause);
        secrets.linkLost(cause);
        pauses.end();
        return link.get();
    }

    @Override
    public void linked(Link opened) {
        link.opened(opened);
        reads.linkOpened(opened::setAutoRead);
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
        List<CompletableFuture<Void>> waiting = List.copyOf(waitingForOpen);
        waitingForOpen.clear();
        waiting.forEach(future -> future.complete(null));
        pauses.end();
    }

    @Override
    public void roundFailed(AmqpException cause) {
        events.connectFailed(cause);
        table.publishers().forEach(each -> each.recovery().roundFailed(cause));
        failWaiting(cause);
    }

    @Override
    public void refused(AmqpException cause) {
        events.connectFailed(cause);
        state = State.IDLE;
        table.publishers().forEach(each -> each.recovery().refused(cause));
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
        events.closed(link.get(), lost);
        link.lost();
        try {
            table.settleLast();
            reads.linkLost();
            backlog.linkLost();
            linkEnd.linkLost(lost, table.publishers());
            secrets.linkLost(lost);
            channels.linkLost(lost);
            if (!wasOpen) {
                table.publishers().forEach(each -> each.recovery().roundFailed(BrokerFaults.recoverableCopy(lost)));
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
        table.dispatch(type, channel, in, length);
    }

    @Override
    public void readComplete() {
        table.settle();
        log.heard();
        readRest.readComplete();
    }

    @Override
    public void writable() {
        log.writable();
    }

    @Override
    public void blocked(String reason) {
        events.blocked(reason);
        log.block("connection blocked by broker: " + reason);
        table.publishers().forEach(Publisher::wake);
    }

    @Override
    public void unblocked() {
        events.unblocked();
        log.block(null);
        table.publishers().forEach(Publisher::wake);
    }

    @Override
    public void secretUpdated() {
        secrets.updated();
    }

    @Override
    public void drained() {
        backlog.sent();
        if (!options.confirms()) {
            table.publishers().forEach(each -> each.confirms().bytesTransferred());
        }
    }

    @Override
    public void failed(Throwable cause) {
        link.drop(new AmqpConnectionException("write failed: " + cause, cause, 0, Initiator.NETWORK, true));
    }

    @Override
    public String toString() {
        return state + ", link " + link.epoch() + ", " + reads;
    }
}
