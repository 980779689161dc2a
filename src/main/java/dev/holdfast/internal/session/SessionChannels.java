package dev.holdfast.internal.session;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.Declarable;
import dev.holdfast.internal.channel.ChannelResources;
import dev.holdfast.internal.channel.ChannelTable;
import dev.holdfast.internal.channel.LinkHolder;
import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.concurrent.Steps;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.topology.RestoreRetries;
import dev.holdfast.internal.topology.Topology;
import dev.holdfast.internal.topology.TopologyRegistry;
import dev.holdfast.internal.transport.Link;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a session: one for declarations and one for publishes, which are the session's own, and those of
 * users. Opens and closes them on the current link.
 *
 * <p>Methods are for the event loop only, except for those that say "any thread".
 */
final class SessionChannels implements RecoveringChannel.Owner {
    /** The highest channel number of the protocol. */
    private static final int MAX_CHANNELS = 65535;

    private final ChannelResources session;
    private final LinkHolder link;
    private final ChannelTable table;
    private final TopologyRegistry registry = new TopologyRegistry();
    private final Topology topology;
    private final Publisher publisher;
    private final SessionRecovery recovery;
    private final RestoreRetries.Policy policy;

    /** Channels of users whose last openings ended early. */
    private final RestoreRetries<RecoveringChannel> reopening;

    SessionChannels(ChannelResources session, ChannelTable table, RestoreRetries.Policy policy) {
        this.session = session;
        this.policy = policy;
        this.reopening = new RestoreRetries<>(policy, this::reopen);
        this.link = session.link();
        this.table = table;
        RecoveringChannel declareChannel = new RecoveringChannel(session, this, true);
        RecoveringChannel publishChannel = new RecoveringChannel(session, this, true);
        this.publisher = publishChannel.createPublisher();
        this.topology = new Topology(declareChannel.wire()::call, registry, session.inbound()::run, policy);
        topology.onRestored(queue ->
                table.all().forEach(channel -> channel.wire().consumers().queueRestored(queue)));
        this.recovery = new SessionRecovery(table, topology, declareChannel, publishChannel);
        table.add(declareChannel);
        table.add(publishChannel);
    }

    /** The publisher that all producers of the connection share. Any thread. */
    Publisher publisher() {
        return publisher;
    }

    /** Declares for the session. */
    Topology topology() {
        return topology;
    }

    /** All channels and their numbers. */
    ChannelTable table() {
        return table;
    }

    /** Adds a channel of a user, which is restored on every link from now on. Without a link, too, there is a limit. */
    RecoveringChannel add() {
        int max = session.options().channelMax() == 0
                ? MAX_CHANNELS
                : session.options().channelMax();
        if (table.size() >= max) {
            throw new AmqpConnectionException(
                    "no channel left (expected: at most " + max + " open channels, ConnectionOptions.channelMax)",
                    null,
                    0,
                    Initiator.CLIENT,
                    false);
        }
        RecoveringChannel channel = new RecoveringChannel(session, this, false);
        table.add(channel);
        return channel;
    }

    /** Opens a channel on the current link, unless it was added in time to be restored on it. */
    CompletableFuture<Void> open(RecoveringChannel channel) {
        AmqpException closed = channel.wire().closedBy();
        if (closed != null) {
            return CompletableFuture.failedFuture(closed);
        }
        return channel.wire().isOpen() ? CompletableFuture.completedFuture(null) : recovery.openAndResume(channel);
    }

    /** Closes a channel that could not be opened in time. The broker may have opened it, or may open it yet. */
    void abandon(RecoveringChannel channel, Throwable error) {
        channel.close(new AmqpConnectionException("no channel: " + error, error, 0, Initiator.CLIENT, false));
        if (channel.wire().isDown()) {
            table.remove(channel);
        }
    }

    /** Closes a channel of a user; done when the broker has answered, or after {@code closeTimeout}. */
    CompletableFuture<Void> close(RecoveringChannel channel) {
        AmqpConnectionException cause =
                new AmqpConnectionException("channel is closed", null, 0, Initiator.CLIENT, false);
        Publisher channelPublisher = channel.wire().publisher();
        if (channelPublisher == null) {
            return channel.close(cause);
        }
        channelPublisher.refuse(cause);
        CompletableFuture<Void> idle = channelPublisher.idle();
        long timeoutMillis = session.options().closeTimeout().toMillis();
        Future<?> timer = link.loop().schedule(() -> idle.complete(null), timeoutMillis, TimeUnit.MILLISECONDS);
        idle.whenComplete((done, error) -> timer.cancel(false));
        return idle.thenComposeAsync(done -> channel.close(cause), link.loop());
    }

    /** Restores all channels and the topology on a new link. */
    CompletableFuture<Void> restore(int channelMax) {
        table.reset(channelMax);
        Link opened = link.get();
        return recovery.restore(() -> link.get() == opened);
    }

    /** The link is lost. The publishers were notified before, by the fault attribution. */
    void linkLost(AmqpConnectionException cause) {
        topology.linkLost();
        reopening.clear();
        for (RecoveringChannel channel : table.all()) {
            Steps.runAll(() -> channel.linkLost(cause));
            if (channel.wire().closedBy() != null) {
                table.remove(channel);
            }
        }
    }

    /** Closes all channels with the session. */
    void closeAll(AmqpException cause) {
        for (RecoveringChannel channel : table.all()) {
            Steps.runAll(() -> channel.close(cause));
        }
    }

    @Override
    public String currentName(String queue) {
        return topology.currentName(queue);
    }

    @Override
    public String lastingName(String queue) {
        return topology.lastingName(queue);
    }

    @Override
    public void consumerAdded(String queue) {
        topology.consumerAdded(queue);
    }

    @Override
    public void consumerNotStarted(String queue) {
        boolean unused = topology.consumerRemoved(queue);
    }

    @Override
    public void consumerEnded(String queue, boolean deleted) {
        topology.consumerEnded(queue, deleted);
    }

    @Override
    public boolean isDeclared(List<Declarable> entities) {
        return registry.allDeclared(entities);
    }

    @Override
    public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
        return topology.declare(entities, always);
    }

    @Override
    public boolean isStream(String queue) {
        return topology.isStream(queue);
    }

    @Override
    public @Nullable AmqpChannelException restoreFailure(String queue) {
        return topology.restoreFailure(queue);
    }

    @Override
    public CompletableFuture<Void> checkConsumable(String queue, boolean exclusive) {
        return topology.checkConsumable(queue, exclusive);
    }

    @Override
    public RestoreRetries.Policy restorePolicy() {
        return policy;
    }

    @Override
    public boolean notRouted(List<Declarable> entities) {
        return registry.notRouted(entities);
    }

    @Override
    public void notFound() {
        registry.clearDeclared();
    }

    @Override
    public void channelDown(RecoveringChannel channel) {
        table.free(channel.wire().number());
        if (channel.wire().closedBy() != null) {
            table.remove(channel);
        } else if (link.get() != null) {
            AmqpException cause = channel.reopenDelayedBy();
            if (cause == null) {
                reopen(channel);
            } else {
                reopenLater(channel, cause);
            }
        }
    }

    /** Each opening may end in the same way: opens the channel after a delay that grows while it is not stable. */
    private void reopenLater(RecoveringChannel channel, AmqpException cause) {
        String item = "channel " + channel.wire().number();
        AmqpException givenUp = reopening.failed(channel, item, cause);
        if (givenUp != null) {
            CompletableFuture<Void> unused = channel.close(givenUp);
            table.remove(channel);
        }
    }

    private void reopen(RecoveringChannel channel) {
        Link current = link.get();
        if (channel.wire().closedBy() != null || !channel.wire().isDown() || current == null) {
            boolean unused = reopening.remove(channel);
            if (channel.wire().closedBy() != null) {
                table.remove(channel);
            }
            return;
        }
        recovery.openAndResume(channel).whenComplete((done, error) -> {
            if (error == null) {
                awaitStable(channel);
            } else if (channel.ownedBySession() || SessionRecovery.isLocal(error)) {
                link.drop(new AmqpConnectionException(
                        "could not open a channel again: " + error, error, 0, Initiator.CLIENT, true));
            }
        });
    }

    private void awaitStable(RecoveringChannel channel) {
        if (!reopening.isEmpty()) {
            long epoch = channel.wire().openEpoch();
            Runnable check = () -> {
                if (channel.wire().openEpoch() == epoch) {
                    boolean unused = reopening.succeeded(channel);
                }
            };
            Future<?> unused = link.loop().schedule(check, RecoveringChannel.STABLE_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public boolean othersWait(RecoveringChannel channel) {
        return table.publishers().stream()
                .anyMatch(other -> other != channel.wire().publisher() && other.limitsByWallClock());
    }
}
