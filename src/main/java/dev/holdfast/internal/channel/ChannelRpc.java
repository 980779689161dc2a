package dev.holdfast.internal.channel;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.Content;
import dev.holdfast.internal.state.Quarantine;
import dev.holdfast.internal.state.Replies;
import dev.holdfast.internal.state.RpcQueue;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The synchronous methods of a channel, one in flight at a time. Each waits for a link and for its turn, is sent and
 * is answered, all within {@link dev.holdfast.ConnectionOptions#rpcTimeout}.
 *
 * <p>Methods are for the event loop only, except for those that say "any thread".
 */
final class ChannelRpc {
    private final LinkHolder link;
    private final AutoRead autoRead;
    private final long timeoutMillis;
    private final Consumer<Method> sender;
    private final Consumer<AmqpTimeoutException> timeoutListener;
    private final RpcQueue<PendingRpc> queue = new RpcQueue<>();

    /** Faults of gets by queue, each since the last answered get. */
    private final Quarantine<String> gets = new Quarantine<>();

    /** The call whose reply has arrived, and the content of that reply has not. */
    private @Nullable PendingRpc awaitingContent;

    /** Why calls are refused. Written on the event loop. */
    private volatile @Nullable AmqpException closed;

    /**
     * @param sender sends a method on the channel; an exception that it throws fails the call
     * @param timeoutListener is called if a reply does not come in time: the channel must end
     */
    ChannelRpc(
            LinkHolder link,
            AutoRead autoRead,
            long timeoutMillis,
            Consumer<Method> sender,
            Consumer<AmqpTimeoutException> timeoutListener) {
        this.link = link;
        this.autoRead = autoRead;
        this.timeoutMillis = timeoutMillis;
        this.sender = sender;
        this.timeoutListener = timeoutListener;
    }

    /** Why calls are refused; null while they are accepted. Any thread. */
    @Nullable
    AmqpException closedBy() {
        return closed;
    }

    /** Enqueues a call of a user. Any thread. */
    CompletableFuture<Method> call(Method request) {
        PendingRpc rpc = new PendingRpc(request);
        return link.loop().inEventLoop() ? enqueue(rpc) : EventLoopCalls.call(link.loop(), () -> enqueue(rpc));
    }

    /**
     * Enqueues basic.get. The future is the answered call, with its content if the queue was not empty. Any thread.
     */
    CompletableFuture<PendingRpc> get(BasicMethods.Get request) {
        PendingRpc rpc = new PendingRpc(request);
        return EventLoopCalls.call(link.loop(), () -> {
                    String refusal = gets.refusal(request.queue(), false);
                    if (refusal != null) {
                        throw new AmqpConnectionException(
                                "basic.get of queue '" + request.queue() + "' is not sent on this channel: " + refusal,
                                null,
                                0,
                                Initiator.CLIENT,
                                false);
                    }
                    return enqueue(rpc);
                })
                .thenApply(reply -> rpc);
    }

    /**
     * The link ended because the reply to a basic.get, or its content, could not be processed: fails that call. The
     * second time, gets of its queue are refused from now on, because the broker would send the same message again.
     */
    void getFailed(AmqpException cause) {
        PendingRpc rpc = queue.inFlight();
        if (rpc != null && rpc.request instanceof BasicMethods.Get get) {
            String unused = gets.recordFault(get.queue(), cause);
            awaitingContent = null;
            queue.replied();
            rpc.fail(cause);
        }
    }

    private CompletableFuture<Method> enqueue(PendingRpc rpc) {
        AmqpException cause = closed;
        if (cause != null) {
            rpc.fail(cause);
            return rpc.reply;
        }
        queue.add(rpc);
        start(rpc);
        link.requestLink();
        return rpc.reply;
    }

    /** Enqueues a method of the channel's set-up, before the calls of users. */
    CompletableFuture<Method> setup(Method request) {
        PendingRpc rpc = new PendingRpc(request);
        queue.addSetup(rpc);
        start(rpc);
        return rpc.reply;
    }

    /** The channel is set up: sends the calls of users. */
    void ready() {
        queue.ready();
        sendNext();
    }

    private void start(PendingRpc rpc) {
        autoRead.resume(); // the reply comes after what is not read yet
        rpc.timer(link.loop().schedule(() -> timedOut(rpc), timeoutMillis, TimeUnit.MILLISECONDS));
        sendNext();
    }

    private void timedOut(PendingRpc rpc) {
        String after = " after " + timeoutMillis + " ms (ConnectionOptions.rpcTimeout)";
        if (queue.withdraw(rpc)) {
            rpc.fail(new AmqpTimeoutException(
                    rpc.request.methodName() + " was not sent: no open channel" + link.whyDown() + after));
        } else if (queue.inFlight() == rpc) {
            // A late reply would be taken for the reply to the next call, so this channel cannot be used any more.
            timeoutListener.accept(new AmqpTimeoutException("no reply to " + rpc.request.methodName() + after));
        }
    }

    /** A method that cannot be encoded fails its own call and blocks no other. */
    private void sendNext() {
        PendingRpc rpc;
        while ((rpc = queue.next()) != null) {
            try {
                sender.accept(rpc.request);
            } catch (RuntimeException | Error e) {
                queue.replied();
                rpc.fail(e);
            }
        }
    }

    /** Whether a call was sent and is not answered. */
    boolean awaitsReply() {
        return queue.inFlight() != null;
    }

    /** Completes the call that this method answers, if any. Returns whether there is one. */
    boolean reply(Method method) {
        PendingRpc rpc = answeredBy(method);
        if (rpc == null) {
            return false;
        }
        queue.replied();
        if (rpc.request instanceof BasicMethods.Get get) {
            gets.release(get.queue());
        }
        rpc.succeed(method);
        sendNext();
        return true;
    }

    /** Notes a reply whose content follows. Returns whether there is a call that it answers. */
    boolean contentFollows(BasicMethods.GetOk method) {
        awaitingContent = answeredBy(method);
        return awaitingContent != null;
    }

    private @Nullable PendingRpc answeredBy(Method method) {
        PendingRpc rpc = queue.inFlight();
        return rpc != null && Replies.answers(rpc.request, method) ? rpc : null;
    }

    /** Completes the call whose reply has this content. Returns whether there is one. */
    boolean content(Content content) {
        PendingRpc rpc = awaitingContent;
        if (!(content.method() instanceof BasicMethods.GetOk) || rpc == null) {
            return false;
        }
        awaitingContent = null;
        rpc.content(content, link.epoch());
        return reply(content.method());
    }

    /** No link follows before the next call asks for one: fails the waiting calls. */
    void refused(AmqpException cause) {
        queue.channelClosed().forEach(rpc -> rpc.fail(cause));
    }

    /**
     * The channel has ended and may be opened again: returns the calls that were sent, which will not be answered.
     */
    List<PendingRpc> channelLost() {
        awaitingContent = null;
        return queue.channelLost();
    }

    /** Refuses calls from now on; returns all that are pending. */
    List<PendingRpc> close(AmqpException cause) {
        closed = cause;
        awaitingContent = null;
        return queue.channelClosed();
    }
}
