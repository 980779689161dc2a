package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.Declarable;
import dev.holdfast.ReturnedMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a publisher needs of the channel and the session it lives on. */
public interface PublishContext {
    /** Starts to connect unless there is a link or an attempt. Any thread. */
    void requestLink();

    /** Whether all of these stand on this link. Any thread. */
    boolean isDeclared(List<Declarable> entities);

    /** Declares them, or only where they do not stand; completes on the event loop. Event loop only. */
    CompletableFuture<Void> declare(List<Declarable> entities, boolean always);

    /** A confirm did not come: this channel is closed and the publisher opened on a new one. Event loop only. */
    void replaceChannel(AmqpException cause);

    /** A message was returned: tells this callback, or whoever hears of the channel's where it is of no open publish. */
    void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched);
}
