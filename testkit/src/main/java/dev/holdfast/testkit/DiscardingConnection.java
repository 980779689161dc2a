package dev.holdfast.testkit;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Serves one connection of a discarding broker on one thread: reads into a large buffer, checks frames in place, skips
 * message bodies, and sends all replies to one read in one write.
 *
 * <pre>type(1) channel(2) size(4) payload(size) end(1 = 0xCE)</pre>
 *
 * <p>Handling a publish allocates nothing. Other threads may call only {@link #heartbeatTick} and {@link #close}.
 */
final class DiscardingConnection implements Runnable {
    private static final int READ_BUFFER = 256 << 10;
    private static final int FRAME_HEADER = 7;
    private static final int FRAME_OVERHEAD = 8;

    private final SocketChannel socket;
    private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BUFFER);
    private final FrameWriter out;
    private final ServerHandshake handshake;
    private final ChannelTable channels = new ChannelTable();
    private final ChannelMethodHandler methodHandler;
    private final PublishReceiver receiver;

    private boolean protocolHeaderRead;
    /** Payload bytes that have not arrived of a body frame that began in an earlier read. */
    private int remainingBodyFrame;

    private int bodyFrameChannel = -1;

    private final AtomicInteger readCount = new AtomicInteger();
    private int readCountAtLastTick;
    private int writeCountAtLastTick;
    private int ticksWithoutRead;
    private int ticksWithoutWrite;

    DiscardingConnection(
            SocketChannel socket, ConfirmMode confirms, TuneParameters tune, LongAdder messages, LongAdder bytes) {
        this.socket = socket;
        this.out = new FrameWriter(socket);
        this.handshake = new ServerHandshake(tune, out);
        this.methodHandler = new ChannelMethodHandler(channels, out, handshake::frameMax);
        this.receiver = new PublishReceiver(confirms, out, messages, bytes);
    }

    @Override
    public void run() {
        try (socket) {
            while (socket.read(in) >= 0) {
                readCount.lazySet(readCount.get() + 1);
                in.flip();
                boolean open = handleInput();
                receiver.endOfRead();
                if (!open) {
                    lingeringClose();
                    return;
                }
                in.compact();
            }
        } catch (IOException e) {
            // The client has disconnected, or close() was called: no peer is left that could read a reply.
        }
    }

    /** Handles all complete input; returns false if the connection is over. */
    private boolean handleInput() throws IOException {
        int limit = in.limit();
        try {
            if (!protocolHeaderRead) {
                if (in.remaining() < ServerHandshake.HEADER_LENGTH) {
                    return true;
                }
                protocolHeaderRead = true;
                if (!handshake.readProtocolHeader(in)) {
                    return false;
                }
            }
            handleFrames();
            return !handshake.isClosed();
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            in.limit(limit);
            handshake.writeClose(new ProtocolViolationException(
                    ProtocolViolationException.SYNTAX_ERROR, "SYNTAX_ERROR - method arguments are truncated"));
            return false;
        } catch (ProtocolViolationException e) {
            in.limit(limit);
            handshake.writeClose(e);
            return false;
        }
    }

    private void handleFrames() throws IOException, ProtocolViolationException {
        if (bodyFrameChannel >= 0 && !continueBodyFrame()) {
            return;
        }
        while (in.remaining() >= FRAME_HEADER && !handshake.isClosed()) {
            int start = in.position();
            int type = in.get(start);
            int channel = in.getShort(start + 1) & 0xFFFF;
            int size = in.getInt(start + 3);
            if (size < 0 || size > handshake.frameMax() - FRAME_OVERHEAD) {
                throw frameError("frame of " + size + " bytes on channel " + channel + " (expected: at most "
                        + (handshake.frameMax() - FRAME_OVERHEAD) + ")");
            }
            if (size < in.limit() - start - FRAME_HEADER) {
                int end = start + FRAME_HEADER + size;
                requireFrameEnd(in.get(end), channel);
                handleFrame(type, channel, start + FRAME_HEADER, size);
                in.position(end + 1);
            } else if (type == FrameWriter.TYPE_BODY) {
                beginBodyFrame(channel, size);
                return;
            } else {
                if (size > in.capacity() - FRAME_OVERHEAD) {
                    throw frameError("frame of " + size + " bytes that is not a body frame");
                }
                return;
            }
        }
    }

    private void handleFrame(int type, int channel, int payload, int size)
            throws IOException, ProtocolViolationException {
        switch (type) {
            case FrameWriter.TYPE_METHOD -> {
                int id = size < 4 ? 0 : in.getInt(payload);
                if (id == MethodIds.BASIC_PUBLISH) {
                    receiver.publish(channels.require(channel));
                } else {
                    handleMethod(id, channel, payload, size);
                }
            }
            case FrameWriter.TYPE_HEADER -> handleHeader(channels.require(channel), payload, size);
            case FrameWriter.TYPE_BODY -> handleBody(channels.require(channel), size);
            case FrameWriter.TYPE_HEARTBEAT -> {
                if (channel != 0 || size != 0) {
                    throw frameError("heartbeat on channel " + channel + " with " + size + " bytes");
                }
            }
            default -> throw frameError("frame of type " + type);
        }
    }

    /** The payload is {@code class(2) weight(2) body size(8) property flags ...}. */
    private void handleHeader(ServerChannel channel, int payload, int size)
            throws IOException, ProtocolViolationException {
        if (size < 14) {
            throw frameError("content header of " + size + " bytes (expected: at least 14)");
        }
        receiver.header(channel, in.getLong(payload + 4));
    }

    private void handleBody(ServerChannel channel, int size) throws IOException, ProtocolViolationException {
        receiver.body(channel, size);
        receiver.endBodyFrame(channel);
    }

    /**
     * Starts a body frame whose end has not arrived. The bytes that have arrived are dropped immediately, so that no
     * buffer has to hold a complete body frame.
     */
    private void beginBodyFrame(int channel, int size) throws ProtocolViolationException {
        receiver.body(channels.require(channel), size);
        bodyFrameChannel = channel;
        remainingBodyFrame = size;
        in.position(in.position() + FRAME_HEADER);
        skipBody();
    }

    private void skipBody() {
        int available = Math.min(remainingBodyFrame, in.remaining());
        in.position(in.position() + available);
        remainingBodyFrame -= available;
    }

    private boolean continueBodyFrame() throws IOException, ProtocolViolationException {
        skipBody();
        if (!in.hasRemaining()) {
            return false;
        }
        requireFrameEnd(in.get(), bodyFrameChannel);
        ServerChannel channel = channels.require(bodyFrameChannel);
        bodyFrameChannel = -1;
        receiver.endBodyFrame(channel);
        return true;
    }

    private void handleMethod(int id, int channel, int payload, int size)
            throws IOException, ProtocolViolationException {
        int limit = in.limit();
        in.position(payload);
        in.limit(payload + size);
        in.getInt();
        if (channel == 0) {
            handshake.method(id, in);
        } else if (!handshake.isOpen()) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.COMMAND_INVALID, "COMMAND_INVALID - connection is not open");
        } else {
            handleChannelMethod(id, channel);
        }
        in.limit(limit);
    }

    private void handleChannelMethod(int id, int number) throws IOException, ProtocolViolationException {
        if (id != MethodIds.CHANNEL_OPEN) {
            ServerChannel channel = channels.find(number);
            if (id == MethodIds.CHANNEL_CLOSE && channel != null) {
                receiver.sendDueAck(channel);
            } else {
                receiver.requireNoContent(channels.require(number));
            }
        }
        methodHandler.handle(id, number, in);
    }

    /**
     * Sends a FIN and discards input until the client closes: to close a socket with unread bytes sends an RST, which
     * can destroy the last replies.
     */
    private void lingeringClose() throws IOException {
        socket.shutdownOutput();
        do {
            in.clear();
        } while (socket.read(in) >= 0);
    }

    private static void requireFrameEnd(byte end, int channel) throws ProtocolViolationException {
        if (end != FrameWriter.FRAME_END) {
            throw frameError("frame on channel " + channel + " ends with 0x"
                    + Integer.toHexString(end & 0xFF).toUpperCase(Locale.ROOT) + " (expected: 0xCE)");
        }
    }

    private static ProtocolViolationException frameError(String detail) {
        return new ProtocolViolationException(ProtocolViolationException.FRAME_ERROR, "FRAME_ERROR - " + detail);
    }

    /**
     * Called every 500 ms. Sends a heartbeat if nothing was written for half the heartbeat interval, and closes the
     * connection if nothing was read for two intervals. No effect without heartbeats.
     */
    void heartbeatTick() throws IOException {
        int seconds = handshake.heartbeatSeconds();
        if (seconds == 0) {
            return;
        }
        int currentReadCount = readCount.get();
        ticksWithoutRead = currentReadCount == readCountAtLastTick ? ticksWithoutRead + 1 : 0;
        readCountAtLastTick = currentReadCount;
        int currentWriteCount = out.writeCount();
        ticksWithoutWrite = currentWriteCount == writeCountAtLastTick ? ticksWithoutWrite + 1 : 0;
        writeCountAtLastTick = currentWriteCount;
        if (ticksWithoutRead > 4 * seconds) {
            close();
        } else if (ticksWithoutWrite >= seconds) {
            ticksWithoutWrite = 0;
            out.heartbeat();
        }
    }

    void close() throws IOException {
        socket.close();
    }
}
