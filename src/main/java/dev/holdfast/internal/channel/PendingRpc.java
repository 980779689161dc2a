package dev.holdfast.internal.channel;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.Content;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A synchronous method without a reply yet: the request, the future of its reply, and the timer of its deadline. */
final class PendingRpc {
    final Method request;
    final CompletableFuture<Method> reply = new CompletableFuture<>();
    /** Whether the call sets the channel up, for no caller who waits. */
    final boolean setup;

    /** When the call was sent, or before that enqueued, by the clock of BrokerSilence. */
    long since;

    private @Nullable ScheduledFuture<?> timer;
    private @Nullable Content content;
    private long contentEpoch;

    PendingRpc(Method request, boolean setup) {
        this.request = request;
        this.setup = setup;
    }

    void timer(ScheduledFuture<?> timer) {
        this.timer = timer;
    }

    /**
     * Sets the content that follows the reply, and the epoch of its channel: the delivery tag is valid only in that.
     */
    void content(Content content, long epoch) {
        this.content = content;
        this.contentEpoch = epoch;
    }

    /** The content that followed the reply; null where the reply had none (basic.get-empty). */
    @Nullable
    Content content() {
        return content;
    }

    long contentEpoch() {
        return contentEpoch;
    }

    /** Returns false if the call has failed before. */
    boolean succeed(Method answer) {
        stopTimer();
        return reply.complete(answer);
    }

    void fail(Throwable cause) {
        stopTimer();
        reply.completeExceptionally(cause);
    }

    /**
     * Fails the call because its link was lost. If the broker's close names another method, the exception is
     * recoverable.
     */
    void linkLost(AmqpConnectionException cause) {
        String blamed = cause.failedMethod();
        boolean blamesOther = !blamed.isEmpty() && !blamed.equals(request.methodName());
        fail(blamesOther ? BrokerFaults.recoverableCopy(cause) : cause);
    }

    private void stopTimer() {
        if (timer != null) {
            boolean unused = timer.cancel(false);
        }
    }
}
