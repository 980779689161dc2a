package dev.holdfast.internal.session;

import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_BODY;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_HEADER;
import static dev.holdfast.internal.protocol.ProtocolConstants.FRAME_METHOD;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.channel.ChannelLife;
import dev.holdfast.internal.channel.ChannelLife.Action;
import dev.holdfast.internal.channel.ContentAssembler;
import dev.holdfast.internal.channel.ContentAssembler.Content;
import dev.holdfast.internal.channel.Replies;
import dev.holdfast.internal.channel.RpcQueue;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.MethodNames;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.MethodDecoder;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireReader;
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
public final class SessionChannel {
    /** What a channel hears of its own end and of content that is nobody's reply. All on the event loop. */
    interface Listener {
        /** A content that no consumer and no call asked for: a return. */
        void content(Content content);

        /** A method that is no reply: ack, nack, cancel, flow. True: it was understood. */
        boolean method(Method method);

        /** The channel ended while the link lives; its number may still be in use. */
        void ended(AmqpException cause);

        /** The broker knows of its end too: the number is free. */
        void down();
    }

    private final ChannelHost host;
    private final Listener listener;
    private final ChannelLife life = new ChannelLife();
    private final RpcQueue<Rpc> rpcs = new RpcQueue<>();
    private final ContentAssembler content;

    private int number;
    private @Nullable Publisher publisher;
    private @Nullable Rpc awaitingContent;

    /** Why the channel takes no calls any more; written on the event loop. */
    private volatile @Nullable AmqpException closed;

    /** The link on which the channel is open, 0 for none. Written on the event loop under the log's lock. */
    private volatile long openOn;

    SessionChannel(ChannelHost host, Listener listener) {
        this.host = host;
        this.listener = listener;
        this.content = new ContentAssembler(host.options().maxInboundMessageSize());
    }

    /** The number on the present link. */
    int number() {
        return number;
    }

    boolean isDown() {
        return life.isDown();
    }

    /** The link on which this channel is open, 0 for none. Any thread. */
    public long openOn() {
        return openOn;
    }

    /** Why the channel is closed for good, null while it is not. Any thread. */
    public @Nullable AmqpException closedBy() {
        return closed;
    }

    /** Acks and nacks go here. */
    void publisher(Publisher publisher) {
        this.publisher = publisher;
    }

    /** Opens the channel under this number; what sets it up may be called as soon as the future is done. */
    CompletableFuture<Method> open(int channelNumber) {
        number = channelNumber;
        requireAction(life.openRequested(), Action.SEND_OPEN);
        return setup(ChannelMethods.Open.INSTANCE);
    }

    /** A call that belongs to the channel's set-up: it goes before those of users. */
    CompletableFuture<Method> setup(Method request) {
        Rpc rpc = new Rpc(request);
        rpcs.addSetup(rpc);
        start(rpc);
        return rpc.reply;
    }

    /** The channel is set up: users' calls go, and tags of this link are good. */
    void ready() {
        host.log().lock.lock();
        try {
            openOn = host.epoch();
        } finally {
            host.log().lock.unlock();
        }
        rpcs.ready();
        pump();
    }

    /** A synchronous method and its reply; it waits for a link where there is none. Any thread. */
    public CompletableFuture<Method> call(Method request) {
        Rpc rpc = new Rpc(request);
        if (host.loop().inEventLoop()) {
            enqueue(rpc);
        } else {
            host.loop().execute(() -> enqueue(rpc));
        }
        return rpc.reply;
    }

    private void enqueue(Rpc rpc) {
        AmqpException cause = closed;
        if (cause != null) {
            rpc.fail(cause);
            return;
        }
        rpcs.add(rpc);
        start(rpc);
        if (life.isDown()) {
            host.wantLink();
        }
    }

    private void start(Rpc rpc) {
        long millis = host.options().rpcTimeout().toMillis();
        rpc.timer(host.loop().schedule(() -> timedOut(rpc), millis, TimeUnit.MILLISECONDS));
        pump();
    }

    private void pump() {
        Rpc rpc = rpcs.next();
        if (rpc != null) {
            transmit(rpc.request);
        }
    }

    private void timedOut(Rpc rpc) {
        String waited = " after " + host.options().rpcTimeout().toMillis() + " ms (ConnectionOptions.rpcTimeout)";
        if (rpcs.withdraw(rpc)) {
            rpc.fail(new AmqpTimeoutException(rpc.request.methodName() + " was not sent: no open channel" + waited));
            return;
        }
        if (rpcs.inFlight() == rpc) {
            // A late reply would be taken for the next call's: this channel is of no use any more.
            end(new AmqpTimeoutException("no reply to " + rpc.request.methodName() + waited), true);
        }
    }

    /**
     * Sends a method without a reply if the channel is still open on that link. Any thread.
     *
     * @return false if it is not, and nothing was sent
     */
    public boolean send(Method method, long epoch) {
        ByteBuf frame = Unpooled.buffer(64);
        OutboundLog log = host.log();
        log.lock.lock();
        try {
            if (openOn != epoch || epoch == 0) {
                frame.release();
                return false;
            }
            FrameFormat.writeMethod(frame, number, method);
            return log.append(frame);
        } finally {
            log.lock.unlock();
        }
    }

    /** Publishes without a confirm, in the order of the channel's other methods. Any thread. False: not open. */
    public boolean publish(PublishTemplate template, byte[] body) {
        OutboundLog log = host.log();
        boolean wake;
        log.lock.lock();
        try {
            if (openOn == 0) {
                return false;
            }
            int frameMax = host.frameMax();
            int length = Math.toIntExact(template.encodedLength(body.length, frameMax));
            template.encode(log.room(length).buffer, number, body, frameMax);
            wake = log.appended();
        } finally {
            log.lock.unlock();
        }
        if (wake) {
            log.schedule();
        }
        return true;
    }

    private void transmit(Method method) {
        ByteBuf frame = Unpooled.buffer(128);
        FrameFormat.writeMethod(frame, number, method);
        if (frame.readableBytes() > host.frameMax()) {
            int size = frame.readableBytes();
            frame.release();
            Rpc rpc = rpcs.inFlight();
            rpcs.replied();
            if (rpc != null) {
                rpc.fail(new IllegalArgumentException(method.methodName() + ": " + size + " bytes (expected: <= "
                        + host.frameMax() + ", one frame)"));
            }
            return;
        }
        boolean unused = host.log().append(frame);
    }

    /** One frame of this channel. */
    void frame(int type, ByteBuf in, int length) {
        try {
            switch (type) {
                case FRAME_METHOD -> methodFrame(in, length);
                case FRAME_HEADER -> headerFrame(in, length);
                case FRAME_BODY -> bodyFrame(in, length);
                default -> throw unexpected("frame type " + type);
            }
        } catch (ContentAssembler.OutOfOrderException e) {
            throw new AmqpProtocolException("channel " + number + ": " + e.getMessage(), ReplyCode.UNEXPECTED_FRAME, e);
        }
    }

    private void methodFrame(ByteBuf in, int length) {
        int at = in.readerIndex();
        if (length == 13
                && publisher != null
                && life.isOpen()
                && in.getInt(at) == BasicMethods.Ack.ID
                && !content.isBusy()) {
            publisher.confirms().otherFrame();
            publisher.confirms().acked(in.getLong(at + 4), (in.getByte(at + 12) & 1) != 0);
            return;
        }
        WireReader reader = new WireReader(in.slice(at, length));
        method(MethodDecoder.decode(reader.readShort(), reader.readShort(), reader));
    }

    private void method(Method method) {
        if (method instanceof ChannelMethods.Close close) {
            closedByBroker(close);
        } else if (method instanceof ChannelMethods.CloseOk) {
            requireNot(life.closeOk(), Action.VIOLATION, method);
            succeed(method);
            listener.down();
        } else if (method instanceof ChannelMethods.OpenOk) {
            if (requireNot(life.openOk(), Action.VIOLATION, method) == Action.OPENED) {
                succeed(method);
            }
        } else if (requireNot(life.frame(), Action.VIOLATION, method) == Action.HANDLE) {
            handle(method);
        }
    }

    private void handle(Method method) {
        if (publisher != null && !(method instanceof BasicMethods.Return)) {
            publisher.confirms().otherFrame();
        }
        if (method.hasContent()) {
            if (method instanceof BasicMethods.GetOk) {
                awaitingContent = expectReply(method);
            }
            content.method(method);
        } else if (content.isBusy()) {
            content.method(method);
        } else if (!listener.method(method)) {
            Rpc rpc = expectReply(method);
            rpcs.replied();
            rpc.succeed(method);
            pump();
        }
    }

    private Rpc expectReply(Method method) {
        Rpc rpc = rpcs.inFlight();
        if (rpc == null || !Replies.answers(rpc.request, method)) {
            throw unexpected(method.methodName());
        }
        return rpc;
    }

    private void headerFrame(ByteBuf in, int length) {
        if (requireNot(life.frame(), Action.VIOLATION, null) != Action.HANDLE) {
            return;
        }
        WireReader reader = new WireReader(in.slice(in.readerIndex(), length));
        int classId = reader.readShort();
        int weight = reader.readShort();
        if (classId != (BasicMethods.Publish.ID >>> 16) || weight != 0) {
            throw unexpected("content header of class " + classId + " with weight " + weight);
        }
        long bodySize = reader.readLongLong();
        assembled(content.header(PropertiesCodec.decode(reader), bodySize));
    }

    private void bodyFrame(ByteBuf in, int length) {
        if (requireNot(life.frame(), Action.VIOLATION, null) == Action.HANDLE) {
            assembled(content.body(in.nioBuffer(in.readerIndex(), length)));
        }
    }

    private void assembled(@Nullable Content whole) {
        if (whole == null) {
            return;
        }
        Rpc rpc = awaitingContent;
        if (whole.method() instanceof BasicMethods.GetOk && rpc instanceof RpcWithContent get) {
            awaitingContent = null;
            rpcs.replied();
            get.content(whole);
            rpc.succeed(whole.method());
            pump();
        } else {
            listener.content(whole);
        }
    }

    /** A call whose reply brings a content (basic.get). Any thread. */
    public CompletableFuture<@Nullable Content> get(BasicMethods.Get request) {
        RpcWithContent rpc = new RpcWithContent(request);
        host.loop().execute(() -> enqueue(rpc));
        return rpc.reply.thenApply(reply -> rpc.content());
    }

    private void succeed(Method method) {
        Rpc rpc = rpcs.inFlight();
        if (rpc != null && Replies.answers(rpc.request, method)) {
            rpcs.replied();
            rpc.succeed(method);
            pump();
        }
    }

    private void closedByBroker(ChannelMethods.Close close) {
        requireNot(life.closeReceived(), Action.VIOLATION, close);
        transmit(ChannelMethods.CloseOk.INSTANCE);
        String blamed = MethodNames.of(close.classId_(), close.methodId_());
        end(AmqpChannelException.closedByBroker(number, close.replyCode(), close.replyText(), blamed), false);
        listener.down();
    }

    /** The channel ends while the link lives; {@code sayClose}: the broker does not know yet. */
    void end(AmqpException cause, boolean sayClose) {
        List<Rpc> lost = forget();
        if (sayClose && life.closeRequested() == Action.SEND_CLOSE) {
            transmit(new ChannelMethods.Close(ReplyCode.REPLY_SUCCESS.code(), "", 0, 0));
            watchClose();
        }
        lost.forEach(rpc -> rpc.fail(cause));
        listener.ended(cause);
    }

    /** A broker that does not even answer a close is not worth its link. */
    private void watchClose() {
        long on = host.epoch();
        long millis = host.options().rpcTimeout().toMillis();
        host.loop()
                .schedule(
                        () -> {
                            if (host.epoch() == on && life.isClosing()) {
                                host.dropLink(new AmqpTimeoutException("no reply to channel.close after " + millis
                                        + " ms (ConnectionOptions.rpcTimeout)"));
                            }
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    /** Takes no calls any more: those that wait fail too. */
    void closeForGood(AmqpException cause) {
        closed = cause;
        notOpen();
        rpcs.drain().forEach(rpc -> rpc.fail(cause));
        content.reset();
    }

    /** An orderly close that waits for close-ok. */
    CompletableFuture<Method> close() {
        if (life.isDown()) {
            return CompletableFuture.completedFuture(ChannelMethods.CloseOk.INSTANCE);
        }
        Rpc rpc = new Rpc(new ChannelMethods.Close(ReplyCode.REPLY_SUCCESS.code(), "", 0, 0));
        rpcs.addSetup(rpc);
        notOpen();
        Action unused = life.closeRequested();
        start(rpc);
        return rpc.reply;
    }

    /** The link is lost: what was sent fails, what waits goes on waiting for the next link. */
    void linkLost(AmqpConnectionException cause) {
        life.linkLost();
        forget().forEach(rpc -> rpc.fail(cause));
    }

    private List<Rpc> forget() {
        notOpen();
        content.reset();
        awaitingContent = null;
        return rpcs.lost();
    }

    private void notOpen() {
        host.log().lock.lock();
        try {
            openOn = 0;
        } finally {
            host.log().lock.unlock();
        }
    }

    private Action requireNot(Action action, Action bad, @Nullable Method method) {
        if (action == bad) {
            throw unexpected(method == null ? "content" : method.methodName());
        }
        return action;
    }

    private static void requireAction(Action action, Action expected) {
        if (action != expected) {
            throw new IllegalStateException("action: " + action + " (expected: " + expected + ")");
        }
    }

    private AmqpProtocolException unexpected(String what) {
        return new AmqpProtocolException(
                "channel " + number + ": " + what + " (expected: not while the channel is " + life + ")",
                ReplyCode.UNEXPECTED_FRAME,
                null);
    }

    @Override
    public String toString() {
        return "channel " + number + " " + life;
    }
}
