package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.MethodNames;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One physical connection that is open: frames out, frames in to a {@link LinkListener}, and channel 0 handled here.
 *
 * <pre>
 *   OPEN --- close() ---> CLOSING --- close-ok, time-out ---> CLOSED
 *    |                                                          ^
 *    +------ peer closed, lost, violation, fail(), abort() -----+
 * </pre>
 *
 * From CLOSING on nothing is sent but the end of the conversation, and everything received but that is dropped. After
 * {@link #fail} the socket lives on in CLOSED until close-ok, so that the peer can read why. Event loop only, but for
 * {@link #close} and {@link #abort}.
 */
public final class Link implements FrameWriter {
    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private static final System.Logger LOGGER = System.getLogger(Link.class.getName());
    private static final int MAX_REPLY_TEXT = 80;

    private final Channel channel;
    private final Address address;
    private final ConnectionOptions options;
    private final LinkListener listener;
    private final TuneParameters tuning;
    private final Map<String, Object> serverProperties;
    private final Promise<Void> closed;

    private State state = State.OPEN;
    private @Nullable AmqpException closeCause;
    private boolean closeAnswered;

    private Link(
            Channel channel, Address address, ConnectionOptions options, LinkListener listener, Handshake handshake) {
        this.channel = channel;
        this.address = address;
        this.options = options;
        this.listener = listener;
        this.tuning = handshake.tuning();
        this.serverProperties = handshake.serverProperties();
        this.closed = channel.eventLoop().newPromise();
    }

    /**
     * Starts to connect on this loop. The future completes on the loop, within connectTimeout, with an open link, or
     * with an {@link AmqpException}, or with an {@link IllegalArgumentException} when the options are at fault.
     * Cancelling it drops the attempt. The address must have a port.
     */
    public static Future<Link> connect(
            EventLoop loop,
            NettyTransport transport,
            Address address,
            ConnectionOptions options,
            LinkListener listener) {
        return new Connector<Link>(loop, transport, address, options, (channel, pipeline, handshake) -> {
                    Link link = new Link(channel, address, options, listener, handshake);
                    pipeline.open(channel.pipeline(), link.tuning, link.new Handler());
                    return link;
                })
                .start();
    }

    /** The largest frame that both sides take, prefix and end octet included. */
    public int frameMax() {
        return tuning.frameMax();
    }

    /** The highest channel number. */
    public int channelMax() {
        return tuning.channelMax();
    }

    /** The interval agreed on; 0 is none. */
    public int heartbeatSeconds() {
        return tuning.heartbeatSeconds();
    }

    /** What the broker said about itself. */
    public Map<String, Object> serverProperties() {
        return serverProperties;
    }

    /** Whether the broker says that it is RabbitMQ, some of whose habits are not to be met elsewhere. */
    public boolean isRabbit() {
        return "RabbitMQ".equals(String.valueOf(serverProperties.get("product")));
    }

    /** Whether what the peer sends is read; while it is not, its silence is no sign of death. */
    public void setAutoRead(boolean on) {
        if (channel.isOpen()) {
            channel.config().setAutoRead(on);
        }
    }

    /** Where this link leads. */
    public Address address() {
        return address;
    }

    public EventLoop loop() {
        return channel.eventLoop();
    }

    /** Whether the send queue has room; any thread may ask. */
    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    /**
     * Takes over a buffer of whole frames. A failure reaches {@link LinkListener#closed}; after it they are dropped.
     */
    @Override
    public void write(ByteBuf frames) {
        assert loop().inEventLoop();
        if (state == State.OPEN) {
            channel.write(frames, channel.voidPromise());
        } else {
            frames.release();
        }
    }

    /**
     * Writes one method as a frame, without flushing.
     *
     * @throws IllegalArgumentException if it is larger than {@link #frameMax}; nothing is written then
     */
    public void write(int channelNumber, Method method) {
        ByteBuf frame = encoded(channelNumber, method);
        int bytes = frame.readableBytes();
        if (bytes > frameMax()) {
            frame.release();
            throw new IllegalArgumentException(
                    method.methodName() + ": " + bytes + " bytes (expected: <= " + frameMax() + ", one frame)");
        }
        write(frame);
    }

    @Override
    public void flush() {
        channel.flush();
    }

    /**
     * Ends the link for a violation that our side saw: tells the peer by connection.close, the listener by the cause.
     */
    private void fail(AmqpException cause, ReplyCode code) {
        if (state == State.OPEN) {
            String text = String.valueOf(cause.getMessage());
            sendClose(code, text.length() <= MAX_REPLY_TEXT ? text : text.substring(0, MAX_REPLY_TEXT));
            lingerThenDrop(options.closeTimeout());
            tell(cause);
        }
    }

    /**
     * Says connection.close, waits for the answer or the time-out, and ends TCP. The future completes in any case, and
     * not later than the time-out.
     */
    public Future<Void> close(ReplyCode code, String text, Duration timeout) {
        onLoop(() -> {
            if (state == State.OPEN) {
                state = State.CLOSING;
                closeCause = new AmqpConnectionException(
                        "connection closed by this client: " + code.code() + " " + text,
                        null,
                        code.code(),
                        Initiator.CLIENT,
                        false);
                sendClose(code, text);
                lingerThenDrop(timeout);
            }
        });
        return closed;
    }

    /**
     * Drops TCP at once if all has been said but the peer's last word, for which the socket is kept. Event loop only.
     */
    public void dropIfOver() {
        if (state == State.CLOSED) {
            drop();
        }
    }

    /** Whether the socket is closed. */
    public boolean isGone() {
        return !channel.isOpen();
    }

    /** Drops TCP at once. */
    public void abort(AmqpException cause) {
        onLoop(() -> {
            drop();
            tell(cause);
        });
    }

    @Override
    public String toString() {
        return "Link{" + address + ", " + state + "}";
    }

    private void sendClose(ReplyCode code, String text) {
        setAutoRead(true); // the answer is to be heard
        send(new ConnectionMethods.Close(code.code(), text, 0, 0));
    }

    private void send(Method method) {
        channel.writeAndFlush(encoded(0, method), channel.voidPromise());
    }

    private ByteBuf encoded(int channelNumber, Method method) {
        ByteBuf frame = channel.alloc().buffer();
        try {
            FrameFormat.writeMethod(frame, channelNumber, method);
            return frame.retain();
        } finally {
            frame.release();
        }
    }

    /** A peer that never answers does not keep the socket. */
    private void lingerThenDrop(Duration timeout) {
        Future<?> timer = loop().schedule(this::drop, Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(done -> timer.cancel(false));
    }

    /** Closes below TLS, whose parting words could wait for a peer that does not read. */
    private void drop() {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            first.close();
        }
    }

    /** Tells the listener that it is over, once; our own close wins over what it led to. */
    private void tell(AmqpException cause) {
        if (state == State.CLOSED) {
            return;
        }
        AmqpException told = closeCause == null ? cause : closeCause;
        state = State.CLOSED;
        try {
            listener.closed(told);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "closing the connection to " + address + " went wrong", e);
        } finally {
            closed.trySuccess(null);
        }
    }

    private void onLoop(Runnable task) {
        if (loop().inEventLoop()) {
            task.run();
        } else {
            loop().execute(task);
        }
    }

    private void control(ByteBuf in, int length) {
        Method method = FrameFormat.readMethod(in, length);
        if (method instanceof ConnectionMethods.Close close) {
            closedByPeer(close);
        } else if (method == ConnectionMethods.CloseOk.INSTANCE && state != State.OPEN) {
            drop();
        } else if (state != State.OPEN) {
            return; // nothing else counts any more
        } else if (method instanceof ConnectionMethods.Blocked blocked) {
            listener.blocked(blocked.reason());
        } else if (method == ConnectionMethods.Unblocked.INSTANCE) {
            listener.unblocked();
        } else if (method == ConnectionMethods.UpdateSecretOk.INSTANCE) {
            listener.secretUpdated();
        } else {
            throw new AmqpProtocolException(
                    "method on channel 0: " + method.methodName() + " (expected: one of an open connection)",
                    ReplyCode.COMMAND_INVALID,
                    null);
        }
    }

    /** The peer ends TCP once it has read close-ok; if it does not, we do. */
    private void closedByPeer(ConnectionMethods.Close close) {
        if (closeAnswered) {
            return; // a peer that does not read must not make us gather answers
        }
        closeAnswered = true;
        send(ConnectionMethods.CloseOk.INSTANCE);
        lingerThenDrop(options.closeTimeout());
        String failed = MethodNames.of(close.classId_(), close.methodId_());
        tell(AmqpConnectionException.closedByBroker(close.replyCode(), close.replyText(), failed));
    }

    /** The last handler of the pipeline. */
    private final class Handler extends ChannelInboundHandlerAdapter implements FrameListener {
        @Override
        public void frame(int type, int channelNumber, ByteBuf in, int length) {
            if (channelNumber != 0) {
                if (state == State.OPEN) {
                    listener.frame(type, channelNumber, in, length);
                }
            } else if (type == FrameFormat.METHOD) {
                control(in, length);
            } else if (type != FrameFormat.HEARTBEAT && state == State.OPEN) {
                throw new AmqpProtocolException(
                        "frame of type " + type + " on channel 0 (expected: method or heartbeat)",
                        ReplyCode.UNEXPECTED_FRAME,
                        null);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (state == State.OPEN) {
                listener.readComplete();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (state == State.OPEN && channel.isWritable()) {
                listener.writable();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            AmqpException cause = ExceptionTranslator.typed(failure);
            if (cause instanceof AmqpProtocolException violation) {
                fail(cause, violation.replyCode());
            } else if (cause instanceof AmqpConnectionException lost && lost.initiator() == Initiator.CLIENT) {
                fail(cause, ReplyCode.INTERNAL_ERROR);
            } else {
                abort(cause);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            tell(new AmqpConnectionException(
                    "connection lost: " + address + " closed it without a word", null, 0, Initiator.NETWORK, true));
        }
    }
}
