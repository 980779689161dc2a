package dev.holdfast.internal.session;

import dev.holdfast.AmqpException;
import dev.holdfast.Declarable;
import dev.holdfast.ReturnedMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a publisher needs of the channel and the session it lives on. */
interface PublishHost {
    /** A publish waits for a link: connect if nobody does. Any thread. */
    void wantLink();

    /** Whether all of these stand on this link. Any thread. */
    boolean isDeclared(List<Declarable> entities);

    /** Declares them where they do not stand; completes on the event loop. Event loop only. */
    CompletableFuture<Void> declare(List<Declarable> entities);

    /** A confirm did not come: this channel is closed and the publisher opened on a new one. Event loop only. */
    void replaceChannel(AmqpException cause);

    /** A returned message that belongs to no open publish. Event loop only. */
    void unmatchedReturn(ReturnedMessage message);
}
