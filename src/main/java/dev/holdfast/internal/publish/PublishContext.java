package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.Declarable;
import dev.holdfast.ReturnedMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gives a publisher access to its channel and session. */
public interface PublishContext {
    /** Starts to connect unless there is a link or an attempt. Any thread. */
    void requestLink();

    /** Whether all of these are known to be declared on the current link. Any thread. */
    boolean isDeclared(List<Declarable> entities);

    /**
     * Declares these; without {@code always} only those that are not declared yet. Completes on the event loop. Event
     * loop only.
     */
    CompletableFuture<Void> declare(List<Declarable> entities, boolean always);

    /** A message that declares these was not routed: returns whether any may be missing. Event loop only. */
    boolean notRouted(List<Declarable> entities);

    /** Why answers of the broker are not read at present; null if they are. Any thread. */
    default @Nullable String heldReason() {
        return null;
    }

    /**
     * Closes the channel, because a confirm is late, and opens the publisher on a new one.
     *
     * @param owedSince since when the broker owes a confirm, by the clock of {@link
     *     dev.holdfast.internal.outbound.BrokerSilence}. Event loop only
     */
    void replaceChannel(AmqpException cause, long owedSince);

    /**
     * Passes a returned message to the user.
     *
     * @param callback the callback of the publish; may be null
     * @param matched false if the message belongs to no open publish: the callback of the channel gets it
     */
    void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched);
}
