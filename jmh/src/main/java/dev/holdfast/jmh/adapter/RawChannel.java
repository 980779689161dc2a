package dev.holdfast.jmh.adapter;

import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.wire.LongString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** An open channel on a blocking socket. It drops acks; every other method counts as a reply. */
final class RawChannel {
    static final int NUMBER = 1;
    static final int FRAME_MAX = 131_072;

    private static final byte[] PROTOCOL = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
    private static final int BUFFER = 64 << 10;

    private final SocketChannel socket;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    private final Semaphore replies = new Semaphore(0);

    static SocketChannel connect(URI uri) throws IOException {
        SocketChannel socket = SocketChannel.open(new InetSocketAddress(uri.getHost(), uri.getPort()));
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return socket;
    }

    RawChannel(SocketChannel socket, boolean confirms) throws IOException {
        this.socket = socket;
        in.flip();
        write(Unpooled.wrappedBuffer(PROTOCOL));
        readReply();
        LongString login = LongString.of("\0guest\0guest");
        write(0, new ConnectionMethods.StartOk(Map.of(), "PLAIN", login, "en_US"));
        readReply();
        write(0, new ConnectionMethods.TuneOk(2047, FRAME_MAX, 0));
        write(0, new ConnectionMethods.Open("/"));
        readReply();
        write(NUMBER, ChannelMethods.Open.INSTANCE);
        readReply();
        if (confirms) {
            write(NUMBER, new ConfirmMethods.Select(false));
            readReply();
        }
    }

    /** Sends a method and waits until the reading thread has read the reply. */
    void call(Method method) throws IOException, InterruptedException {
        write(NUMBER, method);
        replies.acquire();
    }

    private void write(int channel, Method method) throws IOException {
        ByteBuf frame = Unpooled.buffer();
        FrameFormat.writeMethod(frame, channel, method);
        write(frame);
    }

    private void write(ByteBuf bytes) throws IOException {
        ByteBuffer out = bytes.nioBuffer();
        while (out.hasRemaining()) {
            int unused = socket.write(out);
        }
    }

    /** Drops acks and heartbeats until the socket is closed. */
    void readUntilClosed() {
        try {
            while (true) {
                readReply();
                replies.release();
            }
        } catch (IOException e) {
            // The socket was closed; if the peer closed it, the check of arrived messages fails.
            replies.release();
        }
    }

    /** Reads frames up to the next method other than basic.ack. */
    private void readReply() throws IOException {
        while (true) {
            while (in.remaining() < FrameFormat.PREFIX_SIZE || in.remaining() < frameLength()) {
                in.compact();
                if (socket.read(in) < 0) {
                    throw new IOException("the peer has closed the connection");
                }
                in.flip();
            }
            int start = in.position();
            in.position(start + frameLength());
            boolean isMethod = in.get(start) == FrameFormat.METHOD;
            if (isMethod && in.getInt(start + FrameFormat.PREFIX_SIZE) != BasicMethods.Ack.ID) {
                return;
            }
        }
    }

    private int frameLength() {
        return in.getInt(in.position() + 3) + FrameFormat.OVERHEAD;
    }
}
