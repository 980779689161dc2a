package dev.holdfast.testkit;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * One connection of a discarding broker, served by one thread: big reads, frames judged where they lie, bodies jumped over,
 * all methodHandler to one read in one write.
 *
 * <pre>type(1) channel(2) size(4) payload(size) end(1 = 0xCE)</pre>
 *
 * <p>The path of a publish allocates nothing. All belongs to the connection's thread but {@link #beat} and {@link #close}.
 */
final class DiscardingConnection implements Runnable {
    private static final int READ_BUFFER = 256 << 10;
    private static final int FRAME_HEAD = 7;
    private static final int FRAME_OVERHEAD = 8;

    private final SocketChannel socket;
    private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BUFFER);
    private final FrameWriter out;
    private final ServerHandshake handshake;
    private final ChannelTable channels = new ChannelTable();
    private final ChannelMethodHandler methodHandler;
    private final PublishReceiver receiver;

    private boolean headerSeen;
    /** Payload still to come of a body frame that began in an earlier read. */
    private int bodyFrameLeft;

    private int bodyFrameChannel = -1;

    private final AtomicInteger reads = new AtomicInteger();
    private int readsSeen;
    private int writesSeen;
    private int silentBeats;
    private int idleBeats;

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
                reads.lazySet(reads.get() + 1);
                in.flip();
                boolean goesOn = serve();
                receiver.endRead();
                if (!goesOn) {
                    linger();
                    return;
                }
                in.compact();
            }
        } catch (IOException e) {
            // The client has gone, or close() was called: in either case nobody is left to tell.
        }
    }

    /** Everything that has arrived; false if the connection is over. */
    private boolean serve() throws IOException {
        int limit = in.limit();
        try {
            if (!headerSeen) {
                if (in.remaining() < ServerHandshake.HEADER_LENGTH) {
                    return true;
                }
                headerSeen = true;
                if (!handshake.header(in)) {
                    return false;
                }
            }
            frames();
            return !handshake.closed();
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            in.limit(limit);
            handshake.refuse(new ProtocolViolationException(
                    ProtocolViolationException.SYNTAX_ERROR, "SYNTAX_ERROR - arguments end early"));
            return false;
        } catch (ProtocolViolationException e) {
            in.limit(limit);
            handshake.refuse(e);
            return false;
        }
    }

    private void frames() throws IOException, ProtocolViolationException {
        if (bodyFrameChannel >= 0 && !continueBodyFrame()) {
            return;
        }
        while (in.remaining() >= FRAME_HEAD && !handshake.closed()) {
            int start = in.position();
            int type = in.get(start);
            int channel = in.getShort(start + 1) & 0xFFFF;
            int size = in.getInt(start + 3);
            if (size < 0 || size > handshake.frameMax() - FRAME_OVERHEAD) {
                throw frameError("frame of " + size + " bytes on channel " + channel + " (expected: at most "
                        + (handshake.frameMax() - FRAME_OVERHEAD) + ")");
            }
            if (size < in.limit() - start - FRAME_HEAD) {
                int end = start + FRAME_HEAD + size;
                requireEnd(in.get(end), channel);
                frame(type, channel, start + FRAME_HEAD, size);
                in.position(end + 1);
            } else if (type == FrameWriter.TYPE_BODY) {
                beginBodyFrame(channel, size);
                return;
            } else {
                if (size > in.capacity() - FRAME_OVERHEAD) {
                    throw frameError("frame of " + size + " bytes that is no body");
                }
                return;
            }
        }
    }

    private void frame(int type, int channel, int payload, int size) throws IOException, ProtocolViolationException {
        switch (type) {
            case FrameWriter.TYPE_METHOD -> {
                int id = size < 4 ? 0 : in.getInt(payload);
                if (id == MethodIds.BASIC_PUBLISH) {
                    receiver.publish(channels.require(channel));
                } else {
                    method(id, channel, payload, size);
                }
            }
            case FrameWriter.TYPE_HEADER -> header(channels.require(channel), payload, size);
            case FrameWriter.TYPE_BODY -> body(channels.require(channel), size);
            case FrameWriter.TYPE_HEARTBEAT -> {
                if (channel != 0 || size != 0) {
                    throw frameError("heartbeat on channel " + channel + " with " + size + " bytes");
                }
            }
            default -> throw frameError("frame of type " + type);
        }
    }

    /** class(2) weight(2) body size(8) property flags ... */
    private void header(ServerChannel channel, int payload, int size) throws IOException, ProtocolViolationException {
        if (size < 14) {
            throw frameError("content header of " + size + " bytes (expected: at least 14)");
        }
        receiver.header(channel, in.getLong(payload + 4));
    }

    private void body(ServerChannel channel, int size) throws IOException, ProtocolViolationException {
        receiver.body(channel, size);
        receiver.bodyFrameEnd(channel);
    }

    /** A body frame of which the end has not arrived: what is there is dropped at once, so no buffer needs to hold it. */
    private void beginBodyFrame(int channel, int size) throws ProtocolViolationException {
        receiver.body(channels.require(channel), size);
        bodyFrameChannel = channel;
        bodyFrameLeft = size;
        in.position(in.position() + FRAME_HEAD);
        skipBody();
    }

    private void skipBody() {
        int here = Math.min(bodyFrameLeft, in.remaining());
        in.position(in.position() + here);
        bodyFrameLeft -= here;
    }

    private boolean continueBodyFrame() throws IOException, ProtocolViolationException {
        skipBody();
        if (!in.hasRemaining()) {
            return false;
        }
        requireEnd(in.get(), bodyFrameChannel);
        ServerChannel channel = channels.require(bodyFrameChannel);
        bodyFrameChannel = -1;
        receiver.bodyFrameEnd(channel);
        return true;
    }

    private void method(int id, int channel, int payload, int size) throws IOException, ProtocolViolationException {
        int limit = in.limit();
        in.position(payload);
        in.limit(payload + size);
        in.getInt();
        if (channel == 0) {
            handshake.method(id, in);
        } else if (!handshake.opened()) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.COMMAND_INVALID, "COMMAND_INVALID - connection is not open");
        } else {
            channelMethod(id, channel);
        }
        in.limit(limit);
    }

    private void channelMethod(int id, int number) throws IOException, ProtocolViolationException {
        if (id != MethodIds.CHANNEL_OPEN) {
            ServerChannel channel = channels.find(number);
            if (id == MethodIds.CHANNEL_CLOSE && channel != null) {
                receiver.confirmDue(channel);
            } else {
                receiver.requireNoContent(channels.require(number));
            }
        }
        methodHandler.answer(id, number, in);
    }

    /** Reads on until the client hangs up: to close with bytes unread would reset the connection under our last words. */
    private void linger() throws IOException {
        socket.shutdownOutput();
        do {
            in.clear();
        } while (socket.read(in) >= 0);
    }

    private static void requireEnd(byte end, int channel) throws ProtocolViolationException {
        if (end != FrameWriter.FRAME_END) {
            throw frameError("frame on channel " + channel + " ends with 0x"
                    + Integer.toHexString(end & 0xFF).toUpperCase(Locale.ROOT) + " (expected: 0xCE)");
        }
    }

    private static ProtocolViolationException frameError(String what) {
        return new ProtocolViolationException(ProtocolViolationException.FRAME_ERROR, "FRAME_ERROR - " + what);
    }

    /** Called twice a second: sends a heartbeat when nothing else was sent, drops a client that has fallen silent. */
    void beat() throws IOException {
        int seconds = handshake.heartbeatSeconds();
        if (seconds == 0) {
            return;
        }
        int readsNow = reads.get();
        silentBeats = readsNow == readsSeen ? silentBeats + 1 : 0;
        readsSeen = readsNow;
        int writesNow = out.writes();
        idleBeats = writesNow == writesSeen ? idleBeats + 1 : 0;
        writesSeen = writesNow;
        if (silentBeats > 4 * seconds) {
            close();
        } else if (idleBeats >= seconds) {
            idleBeats = 0;
            out.heartbeat();
        }
    }

    void close() throws IOException {
        socket.close();
    }
}
