package dev.holdfast.internal.channel;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.BrokerFaults;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A synchronous method on its way: the request, the future of its reply, and the timer of its deadline. */
public class PendingRpc {
    final Method request;
    final CompletableFuture<Method> reply = new CompletableFuture<>();
    private @Nullable ScheduledFuture<?> timer;

    public PendingRpc(Method request) {
        this.request = request;
    }

    final void timer(ScheduledFuture<?> timer) {
        this.timer = timer;
    }

    final void succeed(Method answer) {
        stopTimer();
        reply.complete(answer);
    }

    final void fail(Throwable cause) {
        stopTimer();
        reply.completeExceptionally(cause);
    }

    /** The link went while this was under way. Where the broker names another method, this one may well be tried again. */
    final void lost(AmqpConnectionException cause) {
        String blamed = cause.failedMethod();
        fail(blamed.isEmpty() || blamed.equals(request.methodName()) ? cause : BrokerFaults.recoverableCopy(cause));
    }

    private void stopTimer() {
        if (timer != null) {
            boolean unused = timer.cancel(false);
        }
    }
}
