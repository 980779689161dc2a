package dev.holdfast.internal.topology;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.Quarantine;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Sends what makes and undoes entities, but nothing that has ended connections before, and tells the ledger what a refusal
 * says of it.
 *
 * <p>Event loop only.
 */
final class DeclareCalls {
    private final Function<Method, CompletableFuture<Method>> channel;
    private final TopologyRegistry ledger;

    /** What waits for the broker's answer. */
    private final Map<Method, CompletableFuture<Method>> underWay = new HashMap<>();

    private final Quarantine<Method> memory = new Quarantine<>();

    /** Only what is made again is under way. */
    private boolean restoring;

    /** @param channel sends a method on the channel for declarations */
    DeclareCalls(Function<Method, CompletableFuture<Method>> channel, TopologyRegistry ledger) {
        this.channel = channel;
        this.ledger = ledger;
    }

    void restoring(boolean only) {
        restoring = only;
    }

    /** Two that are the same wait for each other: what the first is refused for must be known before the second goes. */
    CompletableFuture<Method> send(Method method) {
        CompletableFuture<Method> before = underWay.get(method);
        if (before != null) {
            return before.handle((reply, error) -> method).thenCompose(this::send);
        }
        String poison = memory.refusal(method, restoring);
        if (poison != null) {
            return CompletableFuture.failedFuture(new AmqpConnectionException(
                    method.methodName() + " is not sent again: " + poison + " (" + method + ")",
                    null,
                    0,
                    AmqpConnectionException.Initiator.CLIENT,
                    false));
        }
        CompletableFuture<Method> answered = new CompletableFuture<>();
        underWay.put(method, answered);
        channel.apply(method).whenComplete((reply, error) -> {
            underWay.remove(method);
            if (error == null) {
                answered.complete(reply);
            } else {
                answered.completeExceptionally(failed(method, error));
            }
        });
        return answered;
    }

    /** What becomes of this, and whether others are to blame for it. */
    private Throwable failed(Method method, Throwable error) {
        if (error instanceof AmqpChannelException refused && refused.replyCode() == 404) {
            ledger.noneStands();
        } else if (error instanceof AmqpConnectionException lost && memory.ended(method, method, lost, restoring)) {
            ledger.forget(entity -> DeclareMethods.isPartOf(entity, method));
        } else if (error instanceof AmqpConnectionException lost) {
            if (restoring) {
                memory.cut(method);
            }
            return BrokerFaults.recoverableCopy(lost);
        }
        return error;
    }
}
