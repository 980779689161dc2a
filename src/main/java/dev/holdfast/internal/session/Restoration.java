package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Puts a session back on a new link: channels and their confirm.select, then the topology, then consumers, then the
 * publishes that wait, strictly in this order.
 *
 * <p>Event loop only.
 */
final class Restoration {
    private final ChannelTable channels;
    private final Topology topology;
    private final LogicalChannel declareChannel;
    private final LogicalChannel publishChannel;

    Restoration(
            ChannelTable channels, Topology topology, LogicalChannel declareChannel, LogicalChannel publishChannel) {
        this.channels = channels;
        this.topology = topology;
        this.declareChannel = declareChannel;
        this.publishChannel = publishChannel;
    }

    /** Restores every channel on the present link; fails where the session's own cannot be. */
    CompletableFuture<Void> run() {
        channels.all().stream().filter(each -> each.wire().closedBy() != null).forEach(channels::remove);
        List<LogicalChannel> users = new ArrayList<>(channels.all());
        users.remove(declareChannel);
        users.remove(publishChannel);
        List<CompletableFuture<?>> opening = new ArrayList<>();
        opening.add(openAndResume(declareChannel));
        opening.add(open(publishChannel));
        users.forEach(channel -> opening.add(open(channel).exceptionally(error -> null)));
        return all(opening)
                .thenCompose(done -> topology.restore(this::isConsumed))
                .thenCompose(done -> resume(users))
                .thenCompose(done -> publishChannel.resume());
    }

    /** One that cannot resume is closed and tells its own users: it keeps nobody else down. */
    private CompletableFuture<Void> resume(List<LogicalChannel> users) {
        List<CompletableFuture<?>> resuming = new ArrayList<>();
        for (LogicalChannel channel : users) {
            if (channel.wire().isOpen()) {
                resuming.add(channel.resume().exceptionally(error -> null));
            }
        }
        return all(resuming);
    }

    /** A channel that is new on a link whose topology stands. */
    CompletableFuture<Void> openAndResume(LogicalChannel channel) {
        return open(channel).thenCompose(opened -> channel.resume());
    }

    private CompletableFuture<?> open(LogicalChannel channel) {
        int number = channels.number(channel);
        if (number > 0) {
            return channel.open(number);
        }
        AmqpConnectionException cause = new AmqpConnectionException(
                "no channel left (expected: at most " + channels.most() + " open channels, as agreed with the broker)",
                null,
                0,
                Initiator.CLIENT,
                false);
        channels.remove(channel);
        channel.close(cause);
        return CompletableFuture.failedFuture(cause);
    }

    private boolean isConsumed(Queue queue) {
        return channels.all().stream().anyMatch(channel -> channel.consumers().names(queue.name()));
    }

    private static CompletableFuture<Void> all(List<CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new));
    }
}
