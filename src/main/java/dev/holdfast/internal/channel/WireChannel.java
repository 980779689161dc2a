package dev.holdfast.internal.channel;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.MethodNames;
import dev.holdfast.internal.inbound.ChannelReader;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.publish.ConfirmHandler;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.state.ChannelState;
import dev.holdfast.internal.state.ChannelState.Action;
import dev.holdfast.internal.state.Content;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One channel that outlives its links: calls wait for the next link, consumers come back, and delivery tags carry the link
 * that they belong to.
 *
 * <p>Methods are for the event loop only, but for those that say "any thread".
 */
public final class WireChannel implements ChannelReader.Sink {
    /** Receives returned messages and the end of the channel. Called on the event loop. */
    interface Listener {
        /** basic.return with its content. */
        void returned(BasicMethods.Return method, Content content);

        /** The channel ended while the link lives; its number may still be in use. */
        void ended(AmqpException cause);

        /** The broker has closed the channel too: its number is free. */
        void down();
    }

    private final ChannelContext host;
    private final ChannelWriter outlet;
    private final Listener listener;
    private final ChannelState life = new ChannelState();
    private final ChannelRpc calls;
    private final ChannelConsumers consumers;
    private final ChannelReader reader;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private int number;
    private @Nullable Publisher publisher;

    WireChannel(ChannelContext host, Listener listener) {
        this.host = host;
        this.listener = listener;
        this.outlet = new ChannelWriter(host);
        this.calls = new ChannelRpc(host, this::transmit, cause -> end(cause, true));
        this.consumers = new ChannelConsumers(calls, host);
        this.reader = new ChannelReader(this, host.options().maxInboundMessageSize());
    }

    /** The number on the present link. */
    public int number() {
        return number;
    }

    /** Whether it is open on the wire, set up or not. */
    public boolean isOpen() {
        return life.isOpen();
    }

    public boolean isDown() {
        return life.isDown();
    }

    /** The link on which this channel is open, 0 for none. Any thread. */
    public long openOn() {
        return outlet.openOn();
    }

    /** Why the channel is closed for good, null while it is not. Any thread. */
    public @Nullable AmqpException closedBy() {
        return calls.closedBy();
    }

    /** The consumers of the channel, which are started again on every link. */
    public ChannelConsumers consumers() {
        return consumers;
    }

    /** The publisher that gets the confirms of this channel; null without confirms. */
    public @Nullable Publisher publisher() {
        return publisher;
    }

    void publisher(Publisher publisher) {
        this.publisher = publisher;
        outlet.confirms();
    }

    /** Opens the channel under this number; what sets it up may be called as soon as the future is done. */
    CompletableFuture<Method> open(int channelNumber) {
        number = channelNumber;
        life.openRequested();
        return calls.setup(ChannelMethods.Open.INSTANCE);
    }

    /** A call that belongs to the channel's set-up: it goes before those of users. */
    CompletableFuture<Method> setup(Method request) {
        return calls.setup(request);
    }

    /** The channel is set up: users' calls go, and tags of this link are good. */
    void ready() {
        outlet.open(number);
        calls.ready();
    }

    /** A synchronous method and its reply; it waits for a link where there is none. Any thread. */
    public CompletableFuture<Method> call(Method request) {
        return calls.call(request);
    }

    /** A call whose reply brings a content (basic.get). Any thread. */
    CompletableFuture<PendingRpc> get(BasicMethods.Get request) {
        return calls.get(request);
    }

    /** Whether it waits for the broker's answer. */
    boolean awaitsReply() {
        return calls.awaitReply() || life.isClosing();
    }

    /** What any thread may send while the channel is open. */
    public ChannelWriter outlet() {
        return outlet;
    }

    private void transmit(Method method) {
        ByteBuf frame = Unpooled.buffer(128);
        try {
            FrameFormat.writeMethod(frame, number, method);
            if (frame.readableBytes() > host.frameMax()) {
                throw new IllegalArgumentException(method.methodName() + ": " + frame.readableBytes()
                        + " bytes (expected: <= " + host.frameMax() + ", one frame)");
            }
        } catch (RuntimeException e) {
            frame.release();
            throw e;
        }
        boolean unused = host.log().append(frame);
    }

    /** One frame of this channel. */
    void frame(int type, ByteBuf in, int length) {
        reader.frame(type, in, length);
    }

    @Override
    public void ack(long deliveryTag, boolean multiple) {
        if (takes("basic.ack", ReplyCode.COMMAND_INVALID)) {
            ConfirmHandler confirms = confirms("basic.ack");
            confirms.otherFrame();
            confirms.acked(deliveryTag, multiple);
        }
    }

    /** No more frames come at once: what was put off is done now. */
    void settle() {
        try {
            if (publisher != null) {
                publisher.confirms().settleAcks();
            }
        } finally {
            consumers.handOver();
        }
    }

    @Override
    public boolean takesDelivery() {
        boolean taken = takes("basic.deliver", ReplyCode.COMMAND_INVALID);
        if (publisher != null) {
            publisher.confirms().otherFrame();
        }
        return taken;
    }

    @Override
    public Delivery origin(String consumerTag, boolean redelivered, String exchange, String routingKey) {
        byte[] none = {};
        return new Delivery(
                consumerTag, 0, redelivered, exchange, routingKey, MessageProperties.EMPTY, none, host.epoch(), -1);
    }

    @Override
    public void delivered(Delivery delivery) {
        consumers.delivered(delivery);
    }

    @Override
    public boolean takesContent() {
        return takes("content", ReplyCode.UNEXPECTED_FRAME);
    }

    /** Whether a frame counts now; false while the channel closes. */
    private boolean takes(String what, ReplyCode code) {
        Action action = life.frame();
        if (action == Action.VIOLATION) {
            throw unexpected(what, code);
        }
        return action == Action.HANDLE;
    }

    @Override
    public boolean method(Method method) {
        if (!method.hasContent()) {
            settle();
        }
        if (method instanceof ChannelMethods.Close close) {
            closedByBroker(close);
        } else if (method instanceof ChannelMethods.CloseOk) {
            legal(life.closeOk(), method);
            gone();
        } else if (method instanceof ChannelMethods.OpenOk) {
            if (legal(life.openOk(), method) == Action.OPENED) {
                require(calls.reply(method), method);
            }
        } else if (legal(life.frame(), method) == Action.HANDLE) {
            handle(method);
            return true;
        }
        return false;
    }

    private void handle(Method method) {
        if (publisher != null && !(method instanceof BasicMethods.Return)) {
            publisher.confirms().otherFrame();
        }
        if (method instanceof BasicMethods.GetOk found) {
            require(calls.announced(found), method);
        } else if (method instanceof BasicMethods.Publish) {
            require(false, method);
        } else if (method instanceof BasicMethods.Nack nack) {
            confirms("basic.nack").nacked(nack.deliveryTag(), nack.multiple());
        } else if (method instanceof BasicMethods.Cancel cancel) {
            consumers.cancelledByBroker(cancel.consumerTag());
        } else if (method instanceof ChannelMethods.Flow flow) {
            flow(flow.active());
        } else if (!method.hasContent()) {
            require(calls.reply(method), method);
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
        boolean unused = outlet.send(new ChannelMethods.FlowOk(active), openOn());
        if (publisher != null) {
            publisher.pause(active ? null : "the broker asked this channel to pause (channel.flow)");
        }
    }

    @Override
    public void content(Content whole) {
        if (!calls.content(whole) && whole.method() instanceof BasicMethods.Return method) {
            listener.returned(method, whole);
        }
    }

    private void closedByBroker(ChannelMethods.Close close) {
        legal(life.closeReceived(), close);
        hold(); // a publish behind close-ok would cost the whole connection
        transmit(ChannelMethods.CloseOk.INSTANCE);
        String blamed = MethodNames.of(close.classId_(), close.methodId_());
        end(AmqpChannelException.closedByBroker(number, close.replyCode(), close.replyText(), blamed), false);
        if (life.isDown()) {
            gone();
        }
    }

    /** The channel ends while the link lives; {@code sayClose}: the broker does not know yet. */
    void end(AmqpException cause, boolean sayClose) {
        hold();
        List<PendingRpc> lost = forget();
        if (sayClose) {
            sendClose();
        }
        listener.ended(cause); // first: whose call fails finds the channel closed
        lost.forEach(rpc -> rpc.fail(cause));
    }

    /** From here on nothing is appended for this channel but its end. */
    private void hold() {
        outlet.close();
        if (publisher != null) {
            publisher.hold();
        }
    }

    /** A broker that does not even answer a close is not worth its link. */
    private void sendClose() {
        if (life.closeRequested() != Action.SEND_CLOSE) {
            return;
        }
        transmit(new ChannelMethods.Close(ReplyCode.REPLY_SUCCESS.code(), "", 0, 0));
        host.reads().resume(); // to hear the answer
        long on = host.epoch();
        long millis = host.options().rpcTimeout().toMillis();
        Runnable look = () -> {
            if (host.epoch() == on && life.isClosing()) {
                host.dropLink(new AmqpTimeoutException(
                        "no reply to channel.close after " + millis + " ms (ConnectionOptions.rpcTimeout)"));
            }
        };
        host.loop().schedule(look, millis, TimeUnit.MILLISECONDS);
    }

    /**
     * Takes no calls any more, and those that wait fail. Where the broker knows of the channel it is told.
     *
     * @return done when it has answered, or is gone
     */
    CompletableFuture<Void> close(AmqpException cause) {
        List<PendingRpc> open = calls.close(cause); // first: whose send is refused finds out why
        outlet.close();
        open.forEach(rpc -> rpc.fail(cause));
        reader.reset();
        sendClose();
        if (life.isDown()) {
            ended.complete(null);
        }
        return ended;
    }

    /** The broker knows of the channel's end too. */
    private void gone() {
        listener.down();
        if (closedBy() != null) {
            ended.complete(null);
        }
    }

    /** The link is lost: what was sent fails, what waits goes on waiting for the next link. */
    void linkLost(AmqpConnectionException cause) {
        life.linkLost();
        if (closedBy() != null) {
            ended.complete(null);
        }
        forget().forEach(rpc -> rpc.linkLost(cause));
    }

    private List<PendingRpc> forget() {
        outlet.close();
        reader.reset();
        return calls.lost();
    }

    private Action legal(Action action, Method method) {
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
                "channel " + number + ": " + what + " (expected: not while the channel is " + life + ")", code, null);
    }

    @Override
    public String toString() {
        return "channel " + number + " " + life;
    }
}
