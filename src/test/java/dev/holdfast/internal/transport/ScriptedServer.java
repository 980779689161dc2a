package dev.holdfast.internal.transport;

import dev.holdfast.Address;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.wire.LongString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A server on a loopback socket that plays a script for its only client, then closes the socket. */
final class ScriptedServer implements AutoCloseable {
    /** The part of the server. */
    interface Script {
        void play(Peer peer) throws IOException;
    }

    private final ServerSocket server;
    private final CompletableFuture<Void> played = new CompletableFuture<>();

    ScriptedServer(Script script) throws IOException {
        this(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()), script);
    }

    ScriptedServer(ServerSocket server, Script script) {
        this.server = server;
        Thread thread = new Thread(() -> play(script), "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    Address address() {
        return new Address("127.0.0.1", server.getLocalPort());
    }

    /** Waits for the end of the script and throws its exception, if any. */
    void awaitEnd() throws Exception {
        played.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void play(Script script) {
        try (Socket socket = server.accept()) {
            script.play(new Peer(socket));
            played.complete(null);
        } catch (Throwable e) {
            played.completeExceptionally(e);
        }
    }

    /** The server's end of the connection. */
    static final class Peer {
        private final DataInputStream in;
        private final OutputStream out;

        Peer(Socket socket) throws IOException {
            in = new DataInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        Peer readHeader() throws IOException {
            byte[] header = in.readNBytes(8);
            if (!ByteBufUtil.hexDump(header).equals("414d515000000901")) {
                throw new AssertionError("protocol header: " + ByteBufUtil.hexDump(header));
            }
            return this;
        }

        Peer readByte() throws IOException {
            in.readUnsignedByte();
            return this;
        }

        Peer sendBytes(int... octets) throws IOException {
            ByteBuf bytes = Unpooled.buffer();
            Arrays.stream(octets).forEach(bytes::writeByte);
            out.write(ByteBufUtil.getBytes(bytes));
            out.flush();
            return this;
        }

        Peer send(int channel, Method method) throws IOException {
            ByteBuf frame = Unpooled.buffer();
            FrameFormat.writeMethod(frame, channel, method);
            out.write(ByteBufUtil.getBytes(frame));
            out.flush();
            return this;
        }

        Peer start(Map<String, Object> properties, String mechanisms) throws IOException {
            return readHeader().send(0, startMethod(properties, mechanisms));
        }

        /** Like {@link #start}, byte by byte. */
        Peer startSlowly(Map<String, Object> properties, String mechanisms) throws IOException {
            readHeader();
            ByteBuf frame = Unpooled.buffer();
            FrameFormat.writeMethod(frame, 0, startMethod(properties, mechanisms));
            while (frame.isReadable()) {
                sendBytes(frame.readByte());
            }
            return this;
        }

        private static Method startMethod(Map<String, Object> properties, String mechanisms) {
            return new ConnectionMethods.Start(0, 9, properties, LongString.of(mechanisms), LongString.of("en_US"));
        }

        Peer tune(int channelMax, long frameMax, int heartbeat) throws IOException {
            return send(0, new ConnectionMethods.Tune(channelMax, frameMax, heartbeat));
        }

        /** The complete handshake without an error. */
        Peer open() throws IOException {
            start(Map.of("capabilities", Map.of("basic.nack", true)), "AMQPLAIN PLAIN");
            expect(ConnectionMethods.StartOk.class);
            tune(2047, 131072, 60);
            expect(ConnectionMethods.TuneOk.class);
            expect(ConnectionMethods.Open.class);
            return send(0, ConnectionMethods.OpenOk.INSTANCE);
        }

        <T extends Method> T expect(Class<T> type) throws IOException {
            byte[] prefix = in.readNBytes(FrameFormat.PREFIX_SIZE);
            ByteBuf head = Unpooled.wrappedBuffer(prefix);
            int length = (int) FrameFormat.payloadSize(head, 0);
            byte[] payload = in.readNBytes(length);
            if (in.readUnsignedByte() != FrameFormat.END) {
                throw new AssertionError("no frame end");
            }
            return type.cast(FrameFormat.readMethod(Unpooled.wrappedBuffer(payload), length));
        }

        /** Blocks until the client has closed its end. */
        Peer awaitClose() throws IOException {
            in.readAllBytes();
            return this;
        }
    }
}
