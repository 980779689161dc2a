package dev.holdfast.internal.channel;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.MethodNames;
import dev.holdfast.internal.inbound.AutoRead;
import dev.holdfast.internal.inbound.ChannelReader;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.publish.ConfirmHandler;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.ChannelState;
import dev.holdfast.internal.state.ChannelState.Action;
import dev.holdfast.internal.state.Content;
import dev.holdfast.internal.state.ContentAssembler;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The wire side of a {@link RecoveringChannel}: its state and number on the current link, its synchronous methods,
 * and the dispatch of received frames to the publisher, the consumers and the pending calls. One instance serves all
 * links of the channel.
 *
 * <p>Methods are for the event loop only, except for those that say "any thread".
 */
public final class WireChannel implements ChannelReader.Sink, ChannelRpc.Listener {
    /** Receives returned messages and the end of the channel. Called on the event loop. */
    interface Listener {
        /** basic.return with its content. */
        void returned(BasicMethods.Return method, Content content);

        /**
         * The channel ended while the link lives; its number may still be in use.
         *
         * @param inSetup whether the channel was not set up yet
         * @param startRefused whether the cause is a consumer that was not started
         */
        void ended(AmqpException cause, boolean inSetup, boolean startRefused);

        /** The broker has closed the channel too: its number is free. */
        void down();

        /** confirm.select was answered after its caller had given up. */
        void confirmsSelected();
    }

    private final LinkHolder link;
    private final OutboundLog log;
    private final AutoRead autoRead;
    private final Duration rpcTimeout;
    private final Listener listener;
    private final ChannelState state = new ChannelState();
    private final ChannelWriter writer;
    private final ChannelRpc rpc;
    private final ChannelConsumers consumers;
    private final ChannelReader reader;
    private final CompletableFuture<Void> closeFuture = new CompletableFuture<>();

    private int number;
    private long epoch;
    private @Nullable Publisher publisher;

    private final CloseOkTimer closeOkTimer;

    WireChannel(ChannelResources session, Listener listener, ConsumedQueues queues) {
        this.link = session.link();
        this.log = session.log();
        this.autoRead = session.inbound().autoRead();
        this.rpcTimeout = session.options().rpcTimeout();
        this.listener = listener;
        this.closeOkTimer = new CloseOkTimer(link, log, rpcTimeout);
        this.writer = new ChannelWriter(link, log, session.options());
        this.rpc = new ChannelRpc(link, autoRead, log, rpcTimeout, this);
        this.consumers = new ChannelConsumers(rpc, link, writer, session.inbound(), queues);
        this.reader = new ChannelReader(
                this,
                new ContentAssembler(
                        session.options().maxInboundMessageSize(),
                        session.inbound().incompleteBodies()));
    }

    /** The channel number on the current link. */
    public int number() {
        return number;
    }

    /** Whether the broker has answered channel.open, and the channel has not ended since. */
    public boolean isOpen() {
        return state.isOpen();
    }

    /** Whether the channel does not exist on the wire. */
    public boolean isDown() {
        return state.isDown();
    }

    /** The epoch of the present opening of this channel, 0 while it is not open. Any thread. */
    public long openEpoch() {
        return writer.openEpoch();
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /** Why the channel is closed and not opened again; null while it is not closed. Any thread. */
    public @Nullable AmqpException closedBy() {
        return rpc.closedBy();
    }

    /** The consumers of the channel. */
    public ChannelConsumers consumers() {
        return consumers;
    }

    /** The publisher that gets the confirms of this channel; null if there is none. */
    public @Nullable Publisher publisher() {
        return publisher;
    }

    void publisher(Publisher publisher) {
        this.publisher = publisher;
        writer.confirms();
    }

    /** Opens the channel under this number; {@link #setup} may be called as soon as the future is done. */
    CompletableFuture<Method> open(int channelNumber) {
        number = channelNumber;
        epoch = link.nextChannelEpoch();
        state.openRequested();
        long opening = epoch;
        return rpc.setup(ChannelMethods.Open.INSTANCE).thenApply(openOk -> {
            writer.opened(channelNumber, opening);
            return openOk;
        });
    }

    /** Sends a method of the channel's set-up, before the calls of users. */
    CompletableFuture<Method> setup(Method request) {
        return rpc.setup(request);
    }

    /** Ends the set-up: calls of users are sent, and delivery tags of this link are valid. */
    void ready() {
        writer.ready(epoch);
        rpc.ready();
        consumers.ready();
    }

    /** Sends a synchronous method, on the next link if there is none. The future is the reply. Any thread. */
    public CompletableFuture<Method> call(Method request) {
        return rpc.call(request);
    }

    /** Sends basic.get. The future is the answered call with the content of its reply. Any thread. */
    CompletableFuture<PendingRpc> get(BasicMethods.Get request) {
        return rpc.get(request);
    }

    /** Whether a reply of the broker is expected. */
    boolean awaitsReply() {
        return rpc.awaitsReply() || state.isClosing();
    }

    /** Whether a consumer, a call or a message waits for a link. */
    boolean awaitsLink() {
        return !consumers.isEmpty()
                || rpc.hasWaiting()
                || (publisher != null && !publisher.idle().isDone());
    }

    /** Sends what needs no reply, from any thread. */
    public ChannelWriter writer() {
        return writer;
    }

    @Override
    public void transmit(Method method) {
        ByteBuf frame = log.newFrame(128);
        try {
            FrameFormat.writeMethod(frame, number, method);
            if (frame.readableBytes() > link.frameMax()) {
                throw new IllegalArgumentException(method.methodName() + ": " + frame.readableBytes()
                        + " bytes (expected: <= " + link.frameMax() + ", one frame)");
            }
        } catch (RuntimeException | Error e) {
            frame.release();
            throw e;
        }
        boolean unused = log.append(frame);
    }

    @Override
    public void unanswered(AmqpTimeoutException cause) {
        end(cause, log.silence().now());
    }

    @Override
    public void lateReply(Method request, Method reply) {
        if (reply instanceof BasicMethods.GetOk got && !((BasicMethods.Get) request).noAck()) {
            consumers.requeue(got.deliveryTag(), epoch);
        } else if (reply instanceof BasicMethods.ConsumeOk started) {
            consumers.startedLate(started.consumerTag());
        } else if (reply instanceof BasicMethods.CancelOk cancelled) {
            consumers.cancelled(cancelled.consumerTag());
        } else if (reply instanceof ConfirmMethods.SelectOk) {
            listener.confirmsSelected();
        }
    }

    /** Handles one received frame of this channel. */
    void frame(int type, ByteBuf in, int length) {
        reader.frame(type, in, length);
    }

    @Override
    public void ack(long deliveryTag, boolean multiple) {
        if (accepts("basic.ack", ReplyCode.COMMAND_INVALID)) {
            ConfirmHandler confirms = confirms("basic.ack");
            confirms.otherFrame();
            confirms.acked(deliveryTag, multiple);
        }
    }

    /**
     * Applies acks and hands over deliveries that were deferred: no more frames of this channel follow in this read.
     */
    void flushDeferred() {
        try {
            if (publisher != null) {
                publisher.confirms().flushAcks();
            }
        } finally {
            consumers.handOver();
        }
    }

    @Override
    public boolean takesDelivery() {
        boolean accepted = accepts("basic.deliver", ReplyCode.COMMAND_INVALID);
        if (publisher != null) {
            publisher.confirms().otherFrame();
        }
        return accepted;
    }

    @Override
    public Delivery origin(String consumerTag, boolean redelivered, String exchange, String routingKey) {
        byte[] none = {};
        return new Delivery(
                consumerTag, 0, redelivered, exchange, routingKey, MessageProperties.EMPTY, none, epoch, -1);
    }

    @Override
    public void delivered(Delivery delivery, long propertiesBytes) {
        consumers.delivered(delivery, propertiesBytes);
    }

    @Override
    public boolean takesContent() {
        return accepts("content", ReplyCode.UNEXPECTED_FRAME);
    }

    /** Whether a frame is handled; false: the channel is closing, and the frame is discarded. */
    private boolean accepts(String what, ReplyCode code) {
        Action action = state.frame();
        if (action == Action.VIOLATION) {
            throw unexpected(what, code);
        }
        return action == Action.HANDLE;
    }

    @Override
    public boolean method(Method method) {
        if (!method.hasContent()) {
            flushDeferred();
        }
        if (method instanceof ChannelMethods.Close close) {
            closedByBroker(close);
        } else if (method instanceof ChannelMethods.CloseOk) {
            requireLegal(state.closeOk(), method);
            down();
        } else if (method instanceof ChannelMethods.OpenOk) {
            if (requireLegal(state.openOk(), method) == Action.OPENED) {
                require(rpc.reply(method), method);
            }
        } else if (requireLegal(state.frame(), method) == Action.HANDLE) {
            handle(method);
            return true;
        }
        return false;
    }

    private void handle(Method method) {
        if (publisher != null && !(method instanceof BasicMethods.Return)) {
            publisher.confirms().otherFrame();
        }
        if (method instanceof BasicMethods.GetOk getOk) {
            require(rpc.contentFollows(getOk), method);
        } else if (method instanceof BasicMethods.Publish) {
            require(false, method);
        } else if (method instanceof BasicMethods.Nack nack) {
            confirms("basic.nack").nacked(nack.deliveryTag(), nack.multiple());
        } else if (method instanceof BasicMethods.Cancel cancel) {
            consumers.cancelled(cancel.consumerTag(), null);
        } else if (method instanceof ChannelMethods.Flow flow) {
            flow(flow.active());
        } else if (!method.hasContent()) {
            require(rpc.reply(method), method);
        }
    }

    /** A channel without a publisher gets no confirms. */
    private ConfirmHandler confirms(String method) {
        if (publisher == null) {
            throw unexpected(method, ReplyCode.COMMAND_INVALID);
        }
        return publisher.confirms();
    }

    private void flow(boolean active) {
        boolean unused = writer.send(new ChannelMethods.FlowOk(active), openEpoch());
        if (publisher != null) {
            publisher.pause(active ? null : "the broker asked this channel to pause (channel.flow)");
        }
    }

    @Override
    public void content(Content content) {
        if (!rpc.content(content) && content.method() instanceof BasicMethods.Return method) {
            listener.returned(method, content);
        }
    }

    private void closedByBroker(ChannelMethods.Close close) {
        requireLegal(state.closeReceived(), close);
        hold(); // a publish after close-ok would make the broker close the connection
        transmit(ChannelMethods.CloseOk.INSTANCE);
        String failedMethod = MethodNames.of(close.classId_(), close.methodId_());
        end(AmqpChannelException.closedByBroker(number, close.replyCode(), close.replyText(), failedMethod));
        if (state.isDown()) {
            down();
        }
    }

    /**
     * Ends the channel while the link lives, and closes it at the broker.
     *
     * @param owedSince since when the broker owes an answer, by the clock of BrokerSilence
     */
    void end(AmqpException cause, long owedSince) {
        hold();
        boolean closes = transmitClose();
        end(cause);
        if (closes && state.isClosing()) { // no more if sending it failed, which drops the link
            closeOkTimer.start(owedSince);
        }
    }

    private void end(AmqpException cause) {
        boolean inSetup = !rpc.isReady();
        hold();
        List<PendingRpc> unanswered = reset();
        boolean startRefused =
                !unanswered.isEmpty() && ChannelConsumers.isRefusedStart(unanswered.get(0).request, cause);
        try {
            listener.ended(cause, inSetup, startRefused); // before the calls fail: their callers see the channel closed
        } finally {
            unanswered.forEach(call -> call.fail(cause));
        }
    }

    /** Lets nothing be appended for this channel any more, except its close. */
    private void hold() {
        writer.close();
        if (publisher != null) {
            publisher.hold();
        }
    }

    /** Returns false if the broker does not know the channel, or was asked to close it before. */
    private boolean transmitClose() {
        if (state.closeRequested() != Action.SEND_CLOSE) {
            return false;
        }
        Runnable send = () -> transmit(new ChannelMethods.Close(ReplyCode.REPLY_SUCCESS.code(), "", 0, 0));
        log.guarded(send).run();
        autoRead.resume(); // the reply must be read
        return true;
    }

    /**
     * Refuses new calls, fails the waiting ones, and sends channel.close if the broker knows the channel.
     *
     * @return done when the broker has answered, or the link is lost; fails after the RPC timeout
     */
    CompletableFuture<Void> close(AmqpException cause) {
        List<PendingRpc> pending = rpc.close(cause); // before the writer: a refused send finds the cause
        writer.close();
        pending.forEach(call -> call.fail(cause));
        reader.reset();
        if (transmitClose() && state.isClosing()) {
            closeOkTimer.start(log.silence().now());
        }
        if (state.isDown()) {
            closeFuture.complete(null);
        } else {
            EventLoopCalls.withTimeout(
                    link.loop(),
                    rpcTimeout,
                    closeFuture,
                    () -> log.silence().noReply("no reply to channel.close", rpcTimeout));
        }
        return closeFuture;
    }

    /** The broker has closed the channel too. */
    private void down() {
        closeOkTimer.stop();
        listener.down();
        if (closedBy() != null) {
            closeFuture.complete(null);
        }
    }

    /** No link follows before the next request for one: fails the waiting calls and cancels the consumers. */
    public void refused(AmqpException cause) {
        rpc.refused(cause);
        consumers.cancelAll(cause);
    }

    /** The link is lost: calls that were sent fail, the others wait for the next link. */
    void linkLost(AmqpConnectionException cause) {
        state.linkLost();
        closeOkTimer.stop();
        if (closedBy() != null) {
            closeFuture.complete(null);
        }
        attribute(cause);
        consumers.linkLost();
        reset().forEach(call -> call.linkLost(cause));
    }

    /** Attributes the end of the link to the delivery, or the reply to a get, that could not be processed. */
    private void attribute(AmqpConnectionException cause) {
        AmqpException unprocessable = BrokerFaults.unprocessable(cause);
        if (unprocessable == null) {
            consumers.deliveriesInnocent();
        } else if (reader.isReceiving(BasicMethods.Deliver.ID)) {
            consumers.deliveryFailed(reader.recipient(), unprocessable);
        } else if (reader.isReceiving(BasicMethods.GetOk.ID)) {
            rpc.getFailed(unprocessable);
        }
    }

    /** Returns the calls that were sent and will not be answered. */
    private List<PendingRpc> reset() {
        writer.close();
        reader.reset();
        return rpc.channelLost();
    }

    private Action requireLegal(Action action, Method method) {
        require(action != Action.VIOLATION, method);
        return action;
    }

    private void require(boolean expected, Method method) {
        if (!expected) {
            throw unexpected(method.methodName(), ReplyCode.COMMAND_INVALID);
        }
    }

    private AmqpProtocolException unexpected(String what, ReplyCode code) {
        return new AmqpProtocolException(
                "channel " + number + ": " + what + " (expected: not while the channel is " + state + ")", code, null);
    }

    @Override
    public String toString() {
        return "channel " + number + " " + state;
    }
}
