package dev.holdfast.jmh.impl;

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

/** An open channel on a blocking socket, for whoever writes his own frames: acks are dropped, other methods are answers. */
final class RawChannel {
    static final int NUMBER = 1;
    static final int FRAME_MAX = 131_072;

    private static final byte[] PROTOCOL = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
    private static final int BUFFER = 64 << 10;

    private final SocketChannel socket;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    private final Semaphore answers = new Semaphore(0);

    static SocketChannel connect(URI uri) throws IOException {
        SocketChannel socket = SocketChannel.open(new InetSocketAddress(uri.getHost(), uri.getPort()));
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return socket;
    }

    RawChannel(SocketChannel socket, boolean confirms) throws IOException {
        this.socket = socket;
        in.flip();
        write(Unpooled.wrappedBuffer(PROTOCOL));
        readAnswer();
        LongString login = LongString.of("\0guest\0guest");
        write(0, new ConnectionMethods.StartOk(Map.of(), "PLAIN", login, "en_US"));
        readAnswer();
        write(0, new ConnectionMethods.TuneOk(2047, FRAME_MAX, 0));
        write(0, new ConnectionMethods.Open("/"));
        readAnswer();
        write(NUMBER, ChannelMethods.Open.INSTANCE);
        readAnswer();
        if (confirms) {
            write(NUMBER, new ConfirmMethods.Select(false));
            readAnswer();
        }
    }

    /** Sends a method and waits until its answer was read by whoever reads. */
    void call(Method method) throws IOException, InterruptedException {
        write(NUMBER, method);
        answers.acquire();
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
                readAnswer();
                answers.release();
            }
        } catch (IOException e) {
            // close() has closed the socket; if the peer has, whoever waits finds too few messages arrived.
            answers.release();
        }
    }

    /** Reads on until a method that is no ack. */
    private void readAnswer() throws IOException {
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
