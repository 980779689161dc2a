package dev.holdfast.internal.publish;

import dev.holdfast.Declarable;
import dev.holdfast.internal.outbound.ConfirmWindow;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds messages back until what they declare stands. While a declaration is pending, all that is published lines up
 * behind it, so that order is kept.
 */
final class DeclareBarrier {
    private final PublishState state;
    private final EventLoop loop;
    private final PublishContext host;
    private final BiConsumer<List<Declarable>, @Nullable Throwable> answered;

    /** @param answered told on the event loop how a declaration went; the throwable is null where it stands */
    DeclareBarrier(
            PublishState state,
            EventLoop loop,
            PublishContext host,
            BiConsumer<List<Declarable>, @Nullable Throwable> answered) {
        this.state = state;
        this.loop = loop;
        this.host = host;
        this.answered = answered;
    }

    /** A message that declares these is about to be appended, or was. Needs the lock. */
    void require(List<Declarable> entities) {
        if (entities.isEmpty() || !state.open || host.isDeclared(entities) || isPending(entities)) {
            return;
        }
        state.pendingDeclares.add(entities);
        loop.execute(() -> start(entities));
    }

    /** Requires what the held messages declare. Needs the lock. */
    void requireHeld() {
        ConfirmWindow window = state.window;
        for (long position = window.held; position < window.tail; position++) {
            if (window.isLive(position)) {
                require(window.options(position).declarations());
            }
        }
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
        host.declare(entities, false).whenComplete((done, error) -> answered.accept(entities, error));
    }
}
