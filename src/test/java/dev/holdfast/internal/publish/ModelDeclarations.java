package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Declarable;
import dev.holdfast.internal.state.BrokerFaults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What the model's broker has declared, and declarations that it has not answered yet. */
final class ModelDeclarations {
    private final Random random;
    private final List<ModelMessage> messages;
    private final List<Pending> pending = new ArrayList<>();
    private final Set<Declarable> declared = new HashSet<>();
    private Pending culprit;
    private long epoch;

    private record Pending(List<Declarable> entities, CompletableFuture<Void> answer, long epoch) {}

    ModelDeclarations(Random random, List<ModelMessage> messages) {
        this.random = random;
        this.messages = messages;
    }

    CompletableFuture<Void> declare(List<Declarable> entities) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        pending.add(new Pending(entities, answer, epoch));
        return answer;
    }

    boolean contain(List<Declarable> entities) {
        return declared.containsAll(entities);
    }

    boolean arePending() {
        return !pending.isEmpty();
    }

    /** Answers one declaration, if there is one. A declaration of an earlier link fails in any case. */
    void answer(boolean refuse) {
        if (pending.isEmpty()) {
            return;
        }
        Pending next = pending.remove(random.nextInt(pending.size()));
        if (refuse || next.epoch != epoch) {
            markFailed(next);
            next.answer.completeExceptionally(
                    new AmqpChannelException("declare", 1, 405, "exchange.declare", random.nextInt(100) < 50));
        } else {
            declared.addAll(next.entities);
            next.answer.complete(null);
        }
    }

    private void markFailed(Pending declaration) {
        messages.forEach(message -> message.declareFailed |=
                message.options.declarations().equals(declaration.entities) && !message.isDone());
    }

    /** The broker closes the connection for a declaration, which fails when the link is lost, as others then do. */
    void closeForOne() {
        culprit = pending.get(random.nextInt(pending.size()));
        markFailed(culprit);
    }

    void linkOpened() {
        epoch++;
    }

    /** Fails some of the pending declarations; the others fail later. */
    void linkLost(AmqpConnectionException cause) {
        Pending faulty = culprit;
        culprit = null;
        pending.stream()
                .filter(each -> each.equals(faulty) || random.nextInt(100) < 50)
                .toList()
                .forEach(declaration -> {
                    pending.remove(declaration);
                    declaration.answer.completeExceptionally(
                            declaration.equals(faulty) ? cause : BrokerFaults.recoverableCopy(cause));
                });
    }

    void clear() {
        declared.clear();
    }
}
