package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.LimitExceededException;
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
 * Sends connection.update-secret and matches the replies in the order of the requests. A request that timed out keeps
 * its place: its reply may still come. Event loop only.
 */
final class SecretUpdates {
    /** Most requests without a reply: they are written past the log, whose limit does not apply. */
    private static final int MAX_PENDING = 16;

    private final ArrayDeque<CompletableFuture<Void>> pending = new ArrayDeque<>();

    /** Sends a new secret on this link; fails without a link, or if no reply comes within {@code timeout}. */
    CompletableFuture<Void> update(@Nullable Link link, String secret, String reason, Duration timeout) {
        if (link == null) {
            return CompletableFuture.failedFuture(new AmqpConnectionException(
                    "no connection: the next one logs in with the credentials of that moment",
                    null,
                    0,
                    Initiator.NETWORK,
                    true));
        }
        if (pending.size() == MAX_PENDING) {
            return CompletableFuture.failedFuture(new LimitExceededException(
                    "connection.update-secret: " + MAX_PENDING + " requests wait for a reply (expected: fewer)",
                    MAX_PENDING,
                    Duration.ZERO));
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        link.write(0, new ConnectionMethods.UpdateSecret(LongString.of(secret), reason));
        link.flush();
        pending.add(done);
        return EventLoopCalls.withTimeout(link.loop(), timeout, done, "no answer to connection.update-secret");
    }

    /** Whether a request is not answered. */
    boolean awaitsReply() {
        return !pending.isEmpty();
    }

    /** connection.update-secret-ok: completes the oldest request. */
    void updated() {
        CompletableFuture<Void> first = pending.poll();
        if (first != null) {
            first.complete(null);
        }
    }

    /** Fails all requests: no reply comes any more. */
    void linkLost(AmqpException cause) {
        List<CompletableFuture<Void>> unanswered = List.copyOf(pending);
        pending.clear();
        unanswered.forEach(update -> update.completeExceptionally(cause));
    }
}
