package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.Queue;
import dev.holdfast.internal.channel.ChannelTable;
import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.Quarantine;
import dev.holdfast.internal.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/**
 * Puts a session back on a new link: channels and their confirm.select, then the topology, then consumers, then the
 * publishes that wait, strictly in this order.
 *
 * <p>Event loop only.
 */
final class SessionRecovery {
    private final ChannelTable channels;
    private final Topology topology;
    private final RecoveringChannel declareChannel;
    private final RecoveringChannel publishChannel;

    /**
     * The last link was closed while consumers were started again, or several were cut one after the other, perhaps for one
     * of them: they are started one at a time, and nothing else is asked of the broker, so that it is known which one it was
     * if it happens again.
     */
    private boolean oneAtATime;

    /** Links, one after the other, that did not live until consumers were started. */
    private int lostAmongConsumers;

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
     * Restores every channel on the present link; fails where the session's own cannot be.
     *
     * @param linked whether that link is still there: one that is lost ends what is under way channel by channel, and
     *     nothing may go on from what ended first
     */
    CompletableFuture<Void> run(BooleanSupplier linked) {
        channels.all().stream().filter(each -> each.wire().closedBy() != null).forEach(channels::remove);
        List<RecoveringChannel> users = new ArrayList<>(channels.all());
        users.remove(declareChannel);
        users.remove(publishChannel);
        List<CompletableFuture<?>> opening = new ArrayList<>();
        opening.add(openAndResume(declareChannel));
        opening.add(open(publishChannel));
        users.forEach(channel -> opening.add(open(channel).exceptionally(error -> null)));
        return all(opening)
                .thenRun(() -> require(linked))
                .thenCompose(done -> topology.restore(this::isConsumed))
                .thenRun(() -> require(linked))
                .thenCompose(done -> resume(users, linked))
                .thenRun(() -> noteConsumers(linked.getAsBoolean()))
                .thenRun(() -> require(linked))
                .thenCompose(done -> publishChannel.resume());
    }

    private void noteConsumers(boolean started) {
        if (started) {
            lostAmongConsumers = 0;
            oneAtATime = false;
        } else {
            lostAmongConsumers++;
            oneAtATime |= lostAmongConsumers >= Quarantine.ENOUGH_WITHOUT_A_WORD;
        }
    }

    private static void require(BooleanSupplier linked) {
        if (!linked.getAsBoolean()) {
            throw new CancellationException("the link is lost");
        }
    }

    private CompletableFuture<Void> resume(List<RecoveringChannel> users, BooleanSupplier linked) {
        if (!oneAtATime) {
            return all(users.stream()
                    .map(channel -> startConsumers(channel, linked, false).thenRun(() -> flow(channel, linked)))
                    .toList());
        }
        CompletableFuture<Void> chain = CompletableFuture.completedFuture(null);
        for (RecoveringChannel channel : users) {
            chain = chain.thenCompose(done -> startConsumers(channel, linked, true));
        }
        return chain.thenRun(() -> users.forEach(channel -> flow(channel, linked)));
    }

    /** One that cannot resume is closed and tells its own users: it keeps nobody else down. */
    private CompletableFuture<Void> startConsumers(RecoveringChannel channel, BooleanSupplier linked, boolean alone) {
        if (!isUp(channel, linked)) {
            return CompletableFuture.completedFuture(null);
        }
        return channel.startConsumers(alone).exceptionally(error -> {
            Throwable cause = error instanceof CompletionException ? error.getCause() : error;
            oneAtATime |= cause instanceof AmqpConnectionException lost && BrokerFaults.isFault(lost);
            return null;
        });
    }

    private static void flow(RecoveringChannel channel, BooleanSupplier linked) {
        if (isUp(channel, linked)) {
            channel.flow();
        }
    }

    private static boolean isUp(RecoveringChannel channel, BooleanSupplier linked) {
        return linked.getAsBoolean() && channel.wire().isOpen();
    }

    /** A channel that is new on a link whose topology stands. */
    CompletableFuture<Void> openAndResume(RecoveringChannel channel) {
        return open(channel).thenCompose(opened -> channel.resume());
    }

    private CompletableFuture<?> open(RecoveringChannel channel) {
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
        return channels.all().stream().anyMatch(channel -> channel.wire().consumers().names(queue.name()));
    }

    private static CompletableFuture<Void> all(List<? extends CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new));
    }
}
