package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.transport.Link;
import dev.holdfast.internal.wire.LongString;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * connection.update-secret, answered in the order asked. One whose time is over keeps its turn: its answer may still
 * come. Event loop only.
 */
final class SecretUpdates {
    private final ArrayDeque<CompletableFuture<Void>> asked = new ArrayDeque<>();

    CompletableFuture<Void> update(@Nullable Link link, String secret, String reason, Duration timeout) {
        if (link == null) {
            return CompletableFuture.failedFuture(new AmqpConnectionException(
                    "no connection: the next one logs in with the credentials of that moment",
                    null,
                    0,
                    Initiator.NETWORK,
                    true));
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        link.write(0, new ConnectionMethods.UpdateSecret(LongString.of(secret), reason));
        link.flush();
        asked.add(done);
        return EventLoopCalls.withTimeout(link.loop(), timeout, done, "no answer to connection.update-secret");
    }

    /** Whether one is not answered. */
    boolean isAsked() {
        return !asked.isEmpty();
    }

    void updated() {
        CompletableFuture<Void> first = asked.poll();
        if (first != null) {
            first.complete(null);
        }
    }

    /** Nobody answers any more. */
    void linkLost(AmqpException cause) {
        List<CompletableFuture<Void>> lost = List.copyOf(asked);
        asked.clear();
        lost.forEach(each -> each.completeExceptionally(cause));
    }
}
