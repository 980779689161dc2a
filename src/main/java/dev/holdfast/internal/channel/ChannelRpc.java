package dev.holdfast.internal.channel;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.Content;
import dev.holdfast.internal.state.Replies;
import dev.holdfast.internal.state.RpcQueue;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The synchronous methods of a channel: each waits for a link and its turn, is sent, and gets its reply, all within
 * {@link dev.holdfast.ConnectionOptions#rpcTimeout}.
 *
 * <p>Methods are for the event loop only, but for those that say "any thread".
 */
final class ChannelRpc {
    private final ChannelContext host;
    private final Consumer<Method> sender;
    private final Consumer<AmqpTimeoutException> unanswered;
    private final RpcQueue<PendingRpc> rpcs = new RpcQueue<>();

    /** Its reply is here, but for the content. */
    private @Nullable PendingRpc awaitingContent;

    /** Why no calls are taken any more; written on the event loop. */
    private volatile @Nullable AmqpException closed;

    /**
     * @param sender sends a method on the channel; what it throws fails that call
     * @param unanswered hears of a reply that did not come, which ends the channel
     */
    ChannelRpc(ChannelContext host, Consumer<Method> sender, Consumer<AmqpTimeoutException> unanswered) {
        this.host = host;
        this.sender = sender;
        this.unanswered = unanswered;
    }

    /** Why no calls are taken any more, null while they are. Any thread. */
    @Nullable
    AmqpException closedBy() {
        return closed;
    }

    /** A call of a user. Any thread. */
    CompletableFuture<Method> call(Method request) {
        PendingRpc rpc = new PendingRpc(request);
        return host.loop().inEventLoop() ? enqueue(rpc) : EventLoopCalls.call(host.loop(), () -> enqueue(rpc));
    }

    /** A call whose reply brings a content. Any thread. */
    CompletableFuture<PendingRpc> get(BasicMethods.Get request) {
        PendingRpc rpc = new PendingRpc(request);
        return EventLoopCalls.call(host.loop(), () -> enqueue(rpc)).thenApply(reply -> rpc);
    }

    private CompletableFuture<Method> enqueue(PendingRpc rpc) {
        AmqpException cause = closed;
        if (cause != null) {
            rpc.fail(cause);
            return rpc.reply;
        }
        rpcs.add(rpc);
        start(rpc);
        host.wantLink();
        return rpc.reply;
    }

    /** A call that belongs to the channel's set-up: it goes before those of users. */
    CompletableFuture<Method> setup(Method request) {
        PendingRpc rpc = new PendingRpc(request);
        rpcs.addSetup(rpc);
        start(rpc);
        return rpc.reply;
    }

    /** The channel is set up: users' calls go. */
    void ready() {
        rpcs.ready();
        sendNext();
    }

    private void start(PendingRpc rpc) {
        long millis = host.options().rpcTimeout().toMillis();
        host.reads().resume(); // the reply stands behind what is not read yet
        rpc.timer(host.loop().schedule(() -> timedOut(rpc), millis, TimeUnit.MILLISECONDS));
        sendNext();
    }

    private void timedOut(PendingRpc rpc) {
        String waited = " after " + host.options().rpcTimeout().toMillis() + " ms (ConnectionOptions.rpcTimeout)";
        if (rpcs.withdraw(rpc)) {
            rpc.fail(new AmqpTimeoutException(rpc.request.methodName() + " was not sent: no open channel" + waited));
        } else if (rpcs.inFlight() == rpc) {
            // A late reply would be taken for the next call's: this channel is of no use any more.
            unanswered.accept(new AmqpTimeoutException("no reply to " + rpc.request.methodName() + waited));
        }
    }

    /** A method that cannot be encoded fails its own call and holds up no other. */
    private void sendNext() {
        PendingRpc rpc;
        while ((rpc = rpcs.next()) != null) {
            try {
                sender.accept(rpc.request);
            } catch (RuntimeException e) {
                rpcs.replied();
                rpc.fail(e);
            }
        }
    }

    /** Whether one was sent and is not answered. */
    boolean awaitReply() {
        return rpcs.inFlight() != null;
    }

    /** A method came that may be a reply. False: to nothing that was asked. */
    boolean reply(Method method) {
        PendingRpc rpc = answeredBy(method);
        if (rpc == null) {
            return false;
        }
        rpcs.replied();
        rpc.succeed(method);
        sendNext();
        return true;
    }

    /** A reply came whose content follows. False: to nothing that was asked. */
    boolean announced(BasicMethods.GetOk method) {
        awaitingContent = answeredBy(method);
        return awaitingContent != null;
    }

    private @Nullable PendingRpc answeredBy(Method method) {
        PendingRpc rpc = rpcs.inFlight();
        return rpc != null && Replies.answers(rpc.request, method) ? rpc : null;
    }

    /** A content came that may belong to a reply. False: to none. */
    boolean content(Content whole) {
        PendingRpc rpc = awaitingContent;
        if (!(whole.method() instanceof BasicMethods.GetOk) || rpc == null) {
            return false;
        }
        awaitingContent = null;
        rpc.content(whole, host.epoch());
        return reply(whole.method());
    }

    /** The channel is gone, another may come: returns the calls that fail by it, those that were sent. */
    List<PendingRpc> lost() {
        awaitingContent = null;
        return rpcs.lost();
    }

    /** Takes no calls any more: returns those that fail by it, which are all. */
    List<PendingRpc> close(AmqpException cause) {
        closed = cause;
        awaitingContent = null;
        return rpcs.drain();
    }
}
