package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.internal.channel.ChannelTable;
import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.Quarantine;
import dev.holdfast.internal.topology.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/**
 * Restores a session on a new link, strictly in this order: channels with their confirm.select, the topology, the
 * consumers, the unsent publishes.
 *
 * <p>Event loop only.
 */
final class SessionRecovery {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");

    private final ChannelTable channels;
    private final Topology topology;
    private final RecoveringChannel declareChannel;
    private final RecoveringChannel publishChannel;

    /**
     * Whether consumers are started one at a time with no other request outstanding, so that the next close is
     * attributed to one of them. Set when the broker closed the last link while consumers were started, or several
     * links in a row were lost then.
     */
    private boolean consumersOneByOne;

    /** Consecutive links that were lost before all consumers were started. */
    private int linksLostAtConsumers;

    SessionRecovery(
            ChannelTable channels,
            Topology topology,
            RecoveringChannel declareChannel,
            RecoveringChannel publishChannel) {
        this.channels = channels;
        this.topology = topology;
        this.declareChannel = declareChannel;
        this.publishChannel = publishChannel;
    }

    /**
     * Restores every channel on the current link. Fails if one of the session's own channels cannot be restored.
     *
     * @param linked whether that link is still up. A lost link ends the pending requests channel by channel; nothing
     *     may continue from the channels that ended first
     */
    CompletableFuture<Void> restore(BooleanSupplier linked) {
        channels.all().stream()
                .filter(channel -> channel.wire().closedBy() != null)
                .forEach(channels::remove);
        List<RecoveringChannel> userChannels = new ArrayList<>(channels.all());
        userChannels.remove(declareChannel);
        userChannels.remove(publishChannel);
        List<CompletableFuture<?>> opening = new ArrayList<>();
        opening.add(openAndResume(declareChannel));
        opening.add(open(publishChannel));
        userChannels.forEach(channel -> opening.add(open(channel).exceptionally(error -> {
            requireRemote(error);
            if (channel.wire().closedBy() != null) { // not because the link is lost
                LOG.log(System.Logger.Level.WARNING, "a channel is not opened again: {0}", error);
            }
            return null;
        })));
        Map<RecoveringChannel, Long> epochs = new LinkedHashMap<>();
        return allOf(opening)
                .thenRun(() -> requireLink(linked))
                .thenRun(() -> userChannels.forEach(
                        channel -> epochs.put(channel, channel.wire().epoch())))
                .thenCompose(done -> topology.restore())
                .thenRun(() -> requireLink(linked))
                .thenCompose(done -> resume(unchanged(epochs), linked))
                .thenRun(() -> consumersDone(linked.getAsBoolean()))
                .thenRun(() -> requireLink(linked))
                .thenCompose(done -> publishChannel.resume());
    }

    private void consumersDone(boolean linked) {
        if (linked) {
            linksLostAtConsumers = 0;
            consumersOneByOne = false;
        } else {
            linksLostAtConsumers++;
            consumersOneByOne |= linksLostAtConsumers >= Quarantine.MAX_LINK_LOSSES;
        }
    }

    private static void requireLink(BooleanSupplier linked) {
        if (!linked.getAsBoolean()) {
            throw new CancellationException("the link is lost");
        }
    }

    /** A channel that ended meanwhile and was opened again has started its consumers. */
    private static List<RecoveringChannel> unchanged(Map<RecoveringChannel, Long> epochs) {
        return epochs.entrySet().stream()
                .filter(entry -> entry.getKey().wire().epoch() == entry.getValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    private CompletableFuture<Void> resume(List<RecoveringChannel> userChannels, BooleanSupplier linked) {
        if (!consumersOneByOne) {
            return allOf(userChannels.stream()
                    .map(channel -> restartConsumers(channel, linked, false).thenAccept(Runnable::run))
                    .toList());
        }
        CompletableFuture<Void> chain = CompletableFuture.completedFuture(null);
        List<Runnable> ready = new ArrayList<>();
        for (RecoveringChannel channel : userChannels) {
            chain = chain.thenCompose(done -> restartConsumers(channel, linked, true))
                    .thenAccept(ready::add);
        }
        return chain.thenRun(() -> ready.forEach(Runnable::run));
    }

    /**
     * Starts the consumers of a channel again. The result makes the channel ready, unless it has ended: then its next
     * opening goes on, and the recovery of the other channels does not wait for it.
     */
    private CompletableFuture<Runnable> restartConsumers(
            RecoveringChannel channel, BooleanSupplier linked, boolean alone) {
        Runnable nothing = () -> {};
        if (!isUp(channel, linked)) {
            return CompletableFuture.completedFuture(nothing);
        }
        long epoch = channel.wire().epoch();
        return channel.restartConsumers(alone)
                .<Runnable>thenApply(done -> () -> {
                    if (isUp(channel, linked) && channel.wire().epoch() == epoch) {
                        channel.ready();
                    }
                })
                .exceptionally(error -> {
                    requireRemote(error);
                    Throwable cause = cause(error);
                    consumersOneByOne |= cause instanceof AmqpConnectionException lost && BrokerFaults.isFault(lost);
                    return nothing;
                });
    }

    /** A set-up that failed on this side leaves a channel that the broker has opened in part: the link is left. */
    private static void requireRemote(Throwable error) {
        if (isLocal(error)) {
            throw new CompletionException(cause(error));
        }
    }

    /** Whether a set-up failed on this side, such as for want of memory, and not by the broker or the network. */
    static boolean isLocal(Throwable error) {
        Throwable cause = cause(error);
        return !(cause instanceof AmqpException || cause instanceof CancellationException);
    }

    private static Throwable cause(Throwable error) {
        Throwable cause = error.getCause();
        return error instanceof CompletionException && cause != null ? cause : error;
    }

    private static boolean isUp(RecoveringChannel channel, BooleanSupplier linked) {
        return linked.getAsBoolean() && channel.wire().isOpen();
    }

    /** Opens a channel on a link whose topology is declared, and resumes it. */
    CompletableFuture<Void> openAndResume(RecoveringChannel channel) {
        return open(channel).thenCompose(opened -> channel.resume());
    }

    /** Opens a channel under a free number. */
    CompletableFuture<?> open(RecoveringChannel channel) {
        int number = channels.assignNumber(channel);
        if (number > 0) {
            return channel.open(number);
        }
        AmqpConnectionException cause = new AmqpConnectionException(
                "no channel left (expected: at most " + channels.maxNumber()
                        + " open channels, as agreed with the broker)",
                null,
                0,
                Initiator.BROKER,
                false);
        if (channel != declareChannel && channel != publishChannel) {
            channels.remove(channel);
            channel.close(cause);
        }
        return CompletableFuture.failedFuture(cause);
    }

    private static CompletableFuture<Void> allOf(List<? extends CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new));
    }
}
