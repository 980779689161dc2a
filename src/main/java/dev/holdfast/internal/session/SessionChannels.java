package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.internal.channel.ChannelTable;
import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.publish.StopAndWait;
import dev.holdfast.internal.topology.Topology;
import dev.holdfast.internal.topology.TopologyRegistry;
import dev.holdfast.internal.transport.Link;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The channels of a session: two of its own, for declarations and for publishes, and those of users. Gives them what
 * they share, and opens and closes them while a link is there.
 *
 * <p>Methods are for the event loop only, but for those that say "any thread".
 */
final class SessionChannels implements RecoveringChannel.Owner {
    private final ConnectionOptions options;
    private final EventLoop loop;
    private final OutboundLog log;
    private final LinkHolder link;
    private final Executor deliveryExecutor;
    private final StopAndWait oneAtATime = new StopAndWait();
    private final ChannelTable table = new ChannelTable();
    private final TopologyRegistry ledger = new TopologyRegistry();
    private final AutoRead reads;
    private final DeliveryBacklog backlog;
    private final Topology topology;
    private final Publisher publisher;
    private final SessionRecovery restoration;

    SessionChannels(
            ConnectionOptions options,
            EventLoop loop,
            OutboundLog log,
            LinkHolder link,
            Executor deliveryExecutor,
            AutoRead reads,
            DeliveryBacklog backlog) {
        this.options = options;
        this.loop = loop;
        this.log = log;
        this.link = link;
        this.deliveryExecutor = deliveryExecutor;
        this.reads = reads;
        this.backlog = backlog;
        RecoveringChannel declareChannel = new RecoveringChannel(this, true);
        RecoveringChannel publishChannel = new RecoveringChannel(this, true);
        this.publisher = publishChannel.makePublisher();
        this.topology = new Topology(declareChannel.wire()::call, ledger, deliveryExecutor);
        this.restoration = new SessionRecovery(table, topology, declareChannel, publishChannel);
        table.add(declareChannel);
        table.add(publishChannel);
    }

    /** The publisher that all producers of the connection share. Any thread. */
    Publisher publisher() {
        return publisher;
    }

    Topology topology() {
        return topology;
    }

    /** All of them, and the numbers that they have. */
    ChannelTable table() {
        return table;
    }

    /** A new channel of the user's, which is restored on every link from now on. */
    RecoveringChannel add() {
        RecoveringChannel channel = new RecoveringChannel(this, false);
        table.add(channel);
        return channel;
    }

    /** Opens a channel on the present link, unless it was added in time to be restored on it. */
    CompletableFuture<Void> open(RecoveringChannel channel) {
        AmqpException closed = channel.wire().closedBy();
        if (closed != null) {
            return CompletableFuture.failedFuture(closed);
        }
        return channel.wire().isOpen() ? CompletableFuture.completedFuture(null) : restoration.openAndResume(channel);
    }

    /** The channel is not wanted any more. The broker may have opened it by now, or may yet. */
    void giveUp(RecoveringChannel channel, Throwable error) {
        channel.close(new AmqpConnectionException("no channel: " + error, error, 0, Initiator.CLIENT, false));
        if (channel.wire().isDown()) {
            table.remove(channel);
        }
    }

    /** Closes a channel of the user's; done when the broker has answered, or its time is over. */
    CompletableFuture<Void> close(RecoveringChannel channel) {
        AmqpConnectionException cause =
                new AmqpConnectionException("channel is closed", null, 0, Initiator.CLIENT, false);
        Publisher known = channel.wire().publisher();
        if (known == null) {
            return channel.close(cause);
        }
        known.refuse(cause);
        CompletableFuture<Void> idle = known.idle();
        loop.schedule(() -> idle.complete(null), options.closeTimeout().toMillis(), TimeUnit.MILLISECONDS);
        return idle.thenComposeAsync(done -> channel.close(cause), loop);
    }

    /** A link is there: puts everything back on it. */
    CompletableFuture<Void> restore(int channelMax) {
        table.reset(channelMax);
        Link opened = link.get();
        return restoration.run(() -> link.get() == opened);
    }

    /** The link is lost; outcomes of publishes were read off the log before. */
    void linkLost(AmqpConnectionException cause) {
        topology.linkLost();
        for (RecoveringChannel channel : table.all()) {
            channel.linkLost(cause);
            if (channel.wire().closedBy() != null) {
                table.remove(channel);
            }
        }
    }

    /** The session ends, and all channels with it. */
    void closeAll(AmqpException cause) {
        for (RecoveringChannel channel : table.all()) {
            channel.close(cause);
        }
    }

    @Override
    public void channelDown(RecoveringChannel channel, boolean again) {
        table.free(channel.wire().number());
        if (!again) {
            table.remove(channel);
        } else if (link.get() != null && channel.wire().closedBy() == null) {
            // The session cannot do without it: where it will not open again, a new link and the pause before it may
            // help.
            restoration.openAndResume(channel).exceptionally(error -> {
                dropLink(new AmqpConnectionException(
                        "could not open a channel again: " + error, error, 0, Initiator.CLIENT, true));
                return null;
            });
        }
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public OutboundLog log() {
        return log;
    }

    @Override
    public ConnectionOptions options() {
        return options;
    }

    @Override
    public long epoch() {
        return link.epoch();
    }

    @Override
    public int frameMax() {
        return link.frameMax();
    }

    @Override
    public boolean isRabbit() {
        return link.isRabbit();
    }

    @Override
    public StopAndWait oneAtATime() {
        return oneAtATime;
    }

    @Override
    public Executor deliveryExecutor() {
        return deliveryExecutor;
    }

    @Override
    public AutoRead reads() {
        return reads;
    }

    @Override
    public DeliveryBacklog backlog() {
        return backlog;
    }

    @Override
    public String currentName(String queue) {
        return topology.currentName(queue);
    }

    @Override
    public void wantLink() {
        link.want();
    }

    @Override
    public void dropLink(AmqpException cause) {
        link.drop(cause);
    }

    @Override
    public boolean stands(List<Declarable> entities) {
        return ledger.allDeclared(entities);
    }

    @Override
    public CompletableFuture<Void> ensure(List<Declarable> entities, boolean always) {
        return topology.declare(entities, always);
    }

    @Override
    public void missing() {
        ledger.clearDeclared();
    }
}
