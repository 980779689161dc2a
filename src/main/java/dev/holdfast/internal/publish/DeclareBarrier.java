package dev.holdfast.internal.publish;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.Declarable;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.internal.outbound.ConfirmWindow;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Holds messages back until what they declare stands. While a declaration is pending, all that is published lines up
 * behind it, so that order is kept.
 */
final class DeclareBarrier {
    private final PublishState state;
    private final EventLoop loop;
    private final PublishContext host;
    private final RetryScheduler retrying;
    private final Retransmission retransmission;

    DeclareBarrier(
            PublishState state,
            EventLoop loop,
            PublishContext host,
            RetryScheduler retrying,
            Retransmission retransmission) {
        this.state = state;
        this.loop = loop;
        this.host = host;
        this.retrying = retrying;
        this.retransmission = retransmission;
    }

    /** A message that declares these is about to be appended, or was. Needs the lock. */
    void require(List<Declarable> entities) {
        if (entities.isEmpty() || !state.open || host.isDeclared(entities) || isPending(entities)) {
            return;
        }
        state.pendingDeclares.add(entities);
        loop.execute(() -> start(entities));
    }

    /** The channel is open: requires what unsent messages declare, and sends them where nothing is pending. Needs the lock. */
    void release() {
        ConfirmWindow window = state.window;
        for (long position = window.unsent(); position < window.tail(); position++) {
            if (window.isLive(position)) {
                require(window.options(position).declarations());
            }
        }
        retransmission.flow();
    }

    private boolean isPending(List<Declarable> entities) {
        for (List<Declarable> pending : state.pendingDeclares) {
            if (pending == entities || pending.equals(entities)) {
                return true;
            }
        }
        return false;
    }

    private void start(List<Declarable> entities) {
        host.declare(entities, false).whenComplete((done, error) -> declared(entities, error));
    }

    /** A declaration that messages wait for was answered; {@code error} null: it stands. */
    private void declared(List<Declarable> entities, @Nullable Throwable error) {
        state.log.lock();
        try {
            boolean pending = state.pendingDeclares.removeIf(list -> list == entities);
            Throwable cause = error instanceof CompletionException ? error.getCause() : error;
            boolean endedTheLink = cause instanceof AmqpConnectionException lost && !lost.recoverable();
            if (pending || endedTheLink) { // otherwise it belongs to a link that is lost
                if (cause != null) {
                    failDeclared(entities, cause);
                }
                retransmission.flow();
                state.settled();
            }
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    private void failDeclared(List<Declarable> entities, Throwable error) {
        ConfirmWindow window = state.window;
        for (long position = window.unsent(); position < window.tail(); position++) {
            if (window.isLive(position)
                    && window.options(position).declarations().equals(entities)) {
                if (!(error instanceof AmqpException cause)) {
                    state.fail(position, error);
                } else if (window.options(position).retryPolicy().retries(cause)) {
                    retrying.attemptRefused(position, cause, DeliveryStatus.NOT_SENT);
                } else {
                    state.failDelivery(position, cause);
                }
            }
        }
    }
}
