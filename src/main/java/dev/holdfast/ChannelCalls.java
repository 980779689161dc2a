package dev.holdfast;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.channel.RecoveringChannel;
import dev.holdfast.internal.session.Session;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The calls of a {@link Channel} that are checked or translated, before they are waited for or handed to the user.
 * The futures complete on the I/O thread. Thread-safe.
 */
final class ChannelCalls {
    private final Session session;
    private final RecoveringChannel channel;

    ChannelCalls(Session session, RecoveringChannel channel) {
        this.session = session;
        this.channel = channel;
    }

    CompletableFuture<Void> declare(Exchange exchange) {
        requireNonNull(exchange, "exchange");
        return session.topology(topology -> topology.declare(exchange));
    }

    CompletableFuture<Queue> declare(Queue queue) {
        DeclareValidator.check(requireNonNull(queue, "queue"));
        return session.topology(topology -> topology.declare(queue))
                .thenApply(info -> queue.name().equals(info.name()) ? queue : queue.named(info.name()));
    }

    CompletableFuture<Void> declare(List<? extends Declarable> entities) {
        List<Declarable> checked = DeclareValidator.checkAll(entities);
        return session.topology(topology -> topology.declare(checked, true));
    }

    CompletableFuture<QueueInfo> inspect(String queue) {
        Queue passive = Queue.of(queue).passive(true);
        return session.topology(topology -> topology.declare(passive));
    }

    CompletableFuture<Void> bind(Binding binding) {
        DeclareValidator.check(requireNonNull(binding, "binding"));
        return session.topology(topology -> topology.bind(binding));
    }

    CompletableFuture<Void> unbind(Binding binding) {
        DeclareValidator.check(requireNonNull(binding, "binding"));
        return session.topology(topology -> topology.unbind(binding));
    }

    CompletableFuture<Long> purge(String queue) {
        requireName(queue);
        return session.topology(topology -> topology.purge(queue));
    }

    CompletableFuture<Long> deleteQueue(String queue, boolean ifUnused, boolean ifEmpty) {
        requireName(queue);
        return session.topology(topology -> topology.deleteQueue(queue, ifUnused, ifEmpty));
    }

    CompletableFuture<Void> deleteExchange(String exchange, boolean ifUnused) {
        Arguments.shortString("exchange", exchange);
        return session.topology(topology -> topology.deleteExchange(exchange, ifUnused));
    }

    CompletableFuture<Optional<Delivery>> get(String queue, boolean noAck) {
        return channel.get(Arguments.shortString("queue", queue), noAck);
    }

    /** The broker takes an empty name as the last queue declared on the channel, and declarations share one channel. */
    private static void requireName(String queue) {
        if (Arguments.shortString("queue", queue).isEmpty()) {
            throw Arguments.invalid("queue", "''", "a name; declaring a server-named queue returns it");
        }
    }
}
