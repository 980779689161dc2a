package dev.holdfast.internal.channel;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.LimitExceededException;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.outbound.BrokerSilence;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.state.Content;
import dev.holdfast.internal.state.Quarantine;
import dev.holdfast.internal.state.Replies;
import dev.holdfast.internal.state.RpcQueue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The synchronous methods of a channel, one in flight at a time. Each waits for a link and for its turn, is sent and
 * is answered, all within {@link dev.holdfast.ConnectionOptions#rpcTimeout}, or fails. A call that fails after it was
 * sent keeps its place until its reply arrives, so that no later call gets that reply. The channel must end when the
 * broker owes a reply for as long, by the clock of {@link BrokerSilence}. Calls that set the channel up have this limit
 * only.
 *
 * <p>Methods are for the event loop only, except for those that say "any thread".
 */
final class ChannelRpc {
    /** Most calls that wait for a link or for their turn. More than an application declares entities. */
    static final int MAX_WAITING = 1 << 16;

    private final LinkHolder link;
    private final AutoRead autoRead;
    private final OutboundLog log;
    private final Duration rpcTimeout;
    private final Listener listener;
    private final RpcQueue<PendingRpc> queue = new RpcQueue<>();

    /** Faults of gets by queue, each since the last answered get. */
    private final Quarantine<String> gets = new Quarantine<>();

    /** The call whose reply has arrived, and the content of that reply has not. */
    private @Nullable PendingRpc awaitingContent;

    /** Why calls are refused. Written on the event loop. */
    private volatile @Nullable AmqpException closed;

    /** The channel of the calls. */
    interface Listener {
        /** Sends a method on the channel; an exception fails the call. */
        void transmit(Method method);

        /** The number of the channel's present opening. */
        long epoch();

        /** The broker owes a reply for too long: the channel must end. */
        void unanswered(AmqpTimeoutException cause);

        /** The reply to a call that has failed before. */
        void lateReply(Method request, Method reply);
    }

    ChannelRpc(LinkHolder link, AutoRead autoRead, OutboundLog log, Duration rpcTimeout, Listener listener) {
        this.link = link;
        this.autoRead = autoRead;
        this.log = log;
        this.rpcTimeout = rpcTimeout;
        this.listener = listener;
    }

    /** The number of the channel's present opening. */
    long epoch() {
        return listener.epoch();
    }

    /** Whether the channel is set up. */
    boolean isReady() {
        return queue.isReady();
    }

    /** Why calls are refused; null while they are accepted. Any thread. */
    @Nullable
    AmqpException closedBy() {
        return closed;
    }

    /** Enqueues a call of a user. Any thread. */
    CompletableFuture<Method> call(Method request) {
        PendingRpc rpc = new PendingRpc(request, false);
        return link.loop().inEventLoop() ? enqueue(rpc) : EventLoopCalls.call(link.loop(), () -> enqueue(rpc));
    }

    /**
     * Enqueues basic.get. The future is the answered call, with its content if the queue was not empty. Any thread.
     */
    CompletableFuture<PendingRpc> get(BasicMethods.Get request) {
        PendingRpc rpc = new PendingRpc(request, false);
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
        if (queue.waiting() == MAX_WAITING) {
            rpc.fail(new LimitExceededException(
                    rpc.request.methodName() + ": " + MAX_WAITING
                            + " calls of the channel wait for their turn (expected: fewer)",
                    MAX_WAITING,
                    Duration.ZERO));
            return rpc.reply;
        }
        queue.add(rpc);
        start(rpc);
        link.requestLink();
        return rpc.reply;
    }

    /** Enqueues a method of the channel's set-up, before the calls of users. */
    CompletableFuture<Method> setup(Method request) {
        PendingRpc rpc = new PendingRpc(request, true);
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
        rpc.since = log.silence().now();
        setTimer(rpc, rpcTimeout.toNanos());
        sendNext();
    }

    private void setTimer(PendingRpc rpc, long nanos) {
        rpc.timer(link.loop().schedule(log.guarded(() -> timedOut(rpc)), nanos, TimeUnit.NANOSECONDS));
    }

    private void timedOut(PendingRpc rpc) {
        BrokerSilence silence = log.silence();
        long left = rpcTimeout.toNanos() - (silence.now() - rpc.since);
        boolean sent = queue.inFlight() == rpc;
        if (left > 0 && (sent || rpc.setup)) {
            if (!rpc.setup) {
                rpc.fail(timeout("no reply to " + rpc.request.methodName()));
            }
            setTimer(rpc, silence.delay(left));
        } else if (sent) {
            listener.unanswered(timeout("no reply to " + rpc.request.methodName()));
        } else if (queue.withdraw(rpc)) {
            PendingRpc before = queue.inFlight();
            rpc.fail(timeout(rpc.request.methodName() + " was not sent: "
                    + (before == null
                            ? "no open channel" + link.whyDown()
                            : "no reply to " + before.request.methodName())));
        }
    }

    private AmqpTimeoutException timeout(String what) {
        return log.silence().noReply(what, rpcTimeout);
    }

    /** A method that cannot be encoded fails its own call and blocks no other. */
    private void sendNext() {
        PendingRpc rpc;
        while ((rpc = queue.next()) != null) {
            rpc.since = log.silence().now();
            try {
                listener.transmit(rpc.request);
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
        if (!rpc.succeed(method)) {
            listener.lateReply(rpc.request, method);
        }
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
        rpc.content(content, epoch());
        return reply(content.method());
    }

    /** Whether a call waits for a link or for its turn. */
    boolean hasWaiting() {
        return queue.waiting() > 0;
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
