package dev.holdfast.internal.topology;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.LimitExceededException;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.Quarantine;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Sends the methods that declare, bind, unbind and delete entities. A method that has ended connections before is
 * rejected without being sent; a refusal by the broker updates the registry.
 *
 * <p>Event loop only.
 */
final class DeclareCalls {
    /** Most calls that wait for the answer to an equal one. */
    private static final int MAX_REPEATED = 1 << 16;

    private final Function<Method, CompletableFuture<Method>> channel;
    private final TopologyRegistry registry;

    /** The methods that the broker has not answered yet. */
    private final Map<Method, CompletableFuture<Method>> pending = new HashMap<>();

    /** Calls that wait for the answer to an equal one. */
    private int repeated;

    private final Quarantine<Method> quarantine = new Quarantine<>();

    /** Whether the topology is being restored, so that at most one method is pending. */
    private boolean restoring;

    /** @param channel sends a method on the channel for declarations */
    DeclareCalls(Function<Method, CompletableFuture<Method>> channel, TopologyRegistry registry) {
        this.channel = channel;
        this.registry = registry;
    }

    void restoring(boolean active) {
        restoring = active;
    }

    /** Sends a method. It waits for the answer to an equal pending one, whose refusal may also reject this one. */
    CompletableFuture<Method> send(Method method) {
        CompletableFuture<Method> equal = pending.get(method);
        if (equal != null) {
            return sendAfter(equal, method);
        }
        String reason = quarantine.refusal(method, restoring);
        if (reason != null) {
            return CompletableFuture.failedFuture(new AmqpConnectionException(
                    method.methodName() + " is not sent again: " + reason + " (" + method + ")",
                    null,
                    0,
                    AmqpConnectionException.Initiator.CLIENT,
                    false));
        }
        CompletableFuture<Method> answered = new CompletableFuture<>();
        pending.put(method, answered);
        channel.apply(method).whenComplete((reply, error) -> {
            pending.remove(method);
            if (error == null) {
                answered.complete(reply);
            } else {
                answered.completeExceptionally(failed(method, error));
            }
        });
        return answered;
    }

    private CompletableFuture<Method> sendAfter(CompletableFuture<Method> equal, Method method) {
        if (repeated == MAX_REPEATED) {
            return CompletableFuture.failedFuture(new LimitExceededException(
                    method.methodName() + ": " + repeated + " calls wait for equal ones (expected: fewer)",
                    MAX_REPEATED,
                    Duration.ZERO));
        }
        repeated++;
        return equal.handle((reply, error) -> {
                    repeated--;
                    return method;
                })
                .thenCompose(this::send);
    }

    /**
     * Records the fault, and returns the exception of the call: a recoverable one if another request caused the close.
     */
    private Throwable failed(Method method, Throwable error) {
        if (error instanceof AmqpChannelException refused && refused.replyCode() == 404) {
            registry.clearDeclared();
        } else if (error instanceof AmqpConnectionException lost
                && quarantine.recordClose(method, method, lost, restoring)) {
            registry.remove(entity -> DeclareMethods.isPartOf(entity, method));
        } else if (error instanceof AmqpConnectionException lost) {
            if (restoring) {
                quarantine.recordLinkLoss(method);
            }
            return BrokerFaults.recoverableCopy(lost);
        }
        return error;
    }
}
