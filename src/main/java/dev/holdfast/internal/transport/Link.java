package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.eventloop.NettyTransport;
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
 * An open connection over one socket: writes frames, passes received frames to a {@link LinkListener}, and handles
 * channel 0.
 *
 * <pre>
 *   OPEN --- close() ---> CLOSING --- close-ok, timeout ----> CLOSED
 *    |                                                          ^
 *    +------ peer closed, lost, violation, fail(), abort() -----+
 * </pre>
 *
 * From CLOSING on, only connection.close and connection.close-ok are sent and processed; everything else is dropped.
 * After {@link #fail} the socket stays open in CLOSED until close-ok, so that the peer can read the reason. Event loop
 * only, but for {@link #close} and {@link #abort}.
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
    private final TuneParameters tuneParameters;
    private final Map<String, Object> serverProperties;
    private final Promise<Void> closed;

    private State state = State.OPEN;
    private @Nullable AmqpException closeCause;
    private boolean closeOkSent;

    private Link(
            Channel channel, Address address, ConnectionOptions options, LinkListener listener, Handshake handshake) {
        this.channel = channel;
        this.address = address;
        this.options = options;
        this.listener = listener;
        this.tuneParameters = handshake.tuneParameters();
        this.serverProperties = handshake.serverProperties();
        this.closed = channel.eventLoop().newPromise();
    }

    /**
     * Starts to connect a socket on this loop. The future completes on the loop, within connectTimeout, with an open
     * link, an {@link AmqpException}, or an {@link IllegalArgumentException} caused by the options. Cancelling it ends
     * the attempt. The address must have a port.
     */
    public static Future<Link> connect(
            EventLoop loop,
            NettyTransport transport,
            ConnectTarget target,
            ConnectInputs inputs,
            ConnectProgress progress,
            LinkListener listener) {
        return new Connector<Link>(loop, target, inputs, progress, (channel, pipeline, handshake) -> {
                    Link link = new Link(channel, target.address(), inputs.options(), listener, handshake);
                    pipeline.open(channel.pipeline(), link.tuneParameters, link.new Handler());
                    return link;
                })
                .start(transport);
    }

    /** The negotiated maximum size of a frame, including prefix and end octet. */
    public int frameMax() {
        return tuneParameters.frameMax();
    }

    /** The negotiated highest channel number. */
    public int channelMax() {
        return tuneParameters.channelMax();
    }

    /** The negotiated heartbeat interval; 0 means no heartbeats. */
    public int heartbeatSeconds() {
        return tuneParameters.heartbeatSeconds();
    }

    /** The server-properties of connection.start. */
    public Map<String, Object> serverProperties() {
        return serverProperties;
    }

    /** Whether the broker identifies itself as RabbitMQ, some of whose behaviour other brokers do not share. */
    public boolean isRabbit() {
        return "RabbitMQ".equals(String.valueOf(serverProperties.get("product")));
    }

    /** Switches reading of the socket. While it is off, the heartbeat timeout is suspended. */
    public void setAutoRead(boolean on) {
        if (channel.isOpen()) {
            channel.config().setAutoRead(on);
        }
    }

    /** Releases the receive buffer until something other than heartbeats is received. Event loop only. */
    public void releaseIdle() {
        if (channel.config().getRecvByteBufAllocator() instanceof ReusableRecvAllocator buffers) {
            buffers.shrink();
        }
    }

    /** The address of the broker. */
    public Address address() {
        return address;
    }

    public EventLoop loop() {
        return channel.eventLoop();
    }

    /** Whether the send queue has room. Any thread. */
    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    /**
     * Writes a buffer of complete frames. A failure is reported to {@link LinkListener#closed}; later writes are
     * dropped.
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
     * Closes the link after a failure that this side detected: sends connection.close and passes the cause to the
     * listener.
     */
    private void fail(AmqpException cause, ReplyCode code) {
        if (state == State.OPEN) {
            String text = String.valueOf(cause.getMessage());
            sendClose(code, text.length() <= MAX_REPLY_TEXT ? text : text.substring(0, MAX_REPLY_TEXT));
            closeSocketAfter(options.closeTimeout());
            notifyClosed(cause);
        }
    }

    /**
     * Sends connection.close, waits for close-ok or the timeout, and closes the socket. The future always succeeds, at
     * the timeout at the latest.
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
                closeSocketAfter(timeout);
            }
        });
        return closed;
    }

    /** Closes the socket at once if the link is closed and only waits for close-ok. Event loop only. */
    public void closeLingeringSocket() {
        if (state == State.CLOSED) {
            closeSocket();
        }
    }

    /** Whether the socket is closed. */
    public boolean isSocketClosed() {
        return !channel.isOpen();
    }

    /** Closes the socket at once, without connection.close. */
    public void abort(AmqpException cause) {
        onLoop(() -> {
            closeSocket();
            notifyClosed(cause);
        });
    }

    @Override
    public String toString() {
        return "Link{" + address + ", " + state + "}";
    }

    private void sendClose(ReplyCode code, String text) {
        setAutoRead(true); // so that close-ok is received
        send(new ConnectionMethods.Close(code.code(), text, 0, 0));
    }

    /** Sends a method that ends the link; if that fails, for lack of memory, the end of the socket must do. */
    private void send(Method method) {
        try {
            channel.writeAndFlush(encoded(0, method), channel.voidPromise());
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.DEBUG, "cannot send " + method.methodName(), e);
            closeSocket();
        }
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

    /** Closes the socket after the timeout, in case that the peer neither answers nor closes it. */
    private void closeSocketAfter(Duration timeout) {
        Future<?> timer = loop().schedule(this::closeSocket, Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(done -> timer.cancel(false));
    }

    /** Closes from the first handler on, past TLS, whose close_notify could wait for a peer that does not read. */
    private void closeSocket() {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            first.close();
        }
    }

    /** Calls {@link LinkListener#closed}, once. The cause of {@link #close} has priority over its consequences. */
    private void notifyClosed(AmqpException cause) {
        if (state == State.CLOSED) {
            return;
        }
        AmqpException reported = closeCause == null ? cause : closeCause;
        state = State.CLOSED;
        try {
            listener.closed(reported);
        } catch (RuntimeException | Error e) {
            LOGGER.log(
                    System.Logger.Level.ERROR, "the listener failed at the close of the connection to " + address, e);
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

    private void controlFrame(ByteBuf in, int length) {
        Method method = FrameFormat.readMethod(in, length);
        if (method instanceof ConnectionMethods.Close close) {
            closedByPeer(close);
        } else if (method == ConnectionMethods.CloseOk.INSTANCE && state != State.OPEN) {
            closeSocket();
        } else if (state != State.OPEN) {
            return; // everything else is ignored while closing
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

    /** The peer closes the socket after it has read close-ok; otherwise the timeout does. */
    private void closedByPeer(ConnectionMethods.Close close) {
        if (closeOkSent) {
            return; // answers to a peer that does not read must not accumulate
        }
        closeOkSent = true;
        send(ConnectionMethods.CloseOk.INSTANCE);
        closeSocketAfter(options.closeTimeout());
        String failed = MethodNames.of(close.classId_(), close.methodId_());
        notifyClosed(AmqpConnectionException.closedByBroker(close.replyCode(), close.replyText(), failed));
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
                controlFrame(in, length);
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
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (state == State.OPEN && event == HeartbeatHandler.TICK) {
                listener.tick();
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
            notifyClosed(new AmqpConnectionException(
                    "connection lost: " + address + " closed the socket without connection.close",
                    null,
                    0,
                    Initiator.NETWORK,
                    true));
        }
    }
}
