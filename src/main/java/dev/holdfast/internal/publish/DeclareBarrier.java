package dev.holdfast.internal.publish;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Declarable;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.internal.outbound.ConfirmWindow;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Delays messages until the entities that they declare exist. While a declaration is pending, all messages of the
 * publisher stay unsent, so that their order is kept.
 */
final class DeclareBarrier {
    private final PublishState state;
    private final EventLoop loop;
    private final PublishContext context;
    private final RetryScheduler retryScheduler;
    private final Retransmission retransmission;

    DeclareBarrier(
            PublishState state,
            EventLoop loop,
            PublishContext context,
            RetryScheduler retryScheduler,
            Retransmission retransmission) {
        this.state = state;
        this.loop = loop;
        this.context = context;
        this.retryScheduler = retryScheduler;
        this.retransmission = retransmission;
    }

    /** Starts to declare these entities of a message, unless they are declared or pending. Needs the lock. */
    void require(List<Declarable> entities) {
        if (entities.isEmpty() || !state.open || context.isDeclared(entities) || isPending(entities)) {
            return;
        }
        long since = state.log.silence().now();
        loop.execute(() -> start(entities, since)); // first: a pending declaration that never starts holds all messages
        state.pendingDeclares.add(entities);
    }

    /**
     * The channel is open: declares the entities of all unsent messages, and sends them if none is pending. Needs the
     * lock.
     */
    void release() {
        ConfirmWindow window = state.window;
        for (long position = window.unsent(); position < window.tail(); position++) {
            if (window.isLive(position)) {
                require(window.options(position).declarations());
            }
        }
        retransmission.sendUnsent();
    }

    private boolean isPending(List<Declarable> entities) {
        for (List<Declarable> pending : state.pendingDeclares) {
            if (pending == entities || pending.equals(entities)) {
                return true;
            }
        }
        return false;
    }

    private void start(List<Declarable> entities, long since) {
        Runnable declare =
                () -> context.declare(entities, false).whenComplete((done, error) -> settle(entities, since, error));
        state.log.guarded(declare).run();
    }

    private void settle(List<Declarable> entities, long since, @Nullable Throwable error) {
        state.log.guarded(() -> declared(entities, since, error)).run();
    }

    /** The broker answered a declaration; {@code error} is null if it succeeded. */
    private void declared(List<Declarable> entities, long since, @Nullable Throwable error) {
        state.log.lock();
        try {
            boolean pending = state.pendingDeclares.removeIf(list -> list == entities);
            Throwable cause = error instanceof CompletionException ? error.getCause() : error;
            boolean endedTheLink = cause instanceof AmqpConnectionException lost && !lost.recoverable();
            long waited = state.log.silence().now() - since;
            if (pending
                    && cause instanceof AmqpTimeoutException
                    && waited < state.options.rpcTimeout().toNanos()) {
                loop.execute(() -> start(entities, since)); // the connection was blocked: the wait has not ended
                state.pendingDeclares.add(entities);
            } else if (pending || endedTheLink) { // otherwise the answer belongs to a lost link
                if (cause != null) {
                    failDeclared(entities, cause);
                }
                retransmission.sendUnsent();
                state.advance();
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
                    retryScheduler.attemptRefused(position, cause, DeliveryStatus.NOT_SENT);
                } else {
                    state.failWithStatus(position, cause);
                }
            }
        }
    }
}
