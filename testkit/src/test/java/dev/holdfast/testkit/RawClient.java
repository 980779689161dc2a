package dev.holdfast.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** An AMQP client that writes raw bytes, so that a test can send what a correct client never sends. */
final class RawClient implements AutoCloseable {
    static final byte[] PROTOCOL = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

    private final Socket socket;
    private final DataInputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Connects, opens the connection, and opens channel 1 in confirm mode. */
    static RawClient ready(int port) throws IOException {
        RawClient client = new RawClient(port);
        client.send(PROTOCOL);
        client.receive(10, 10);
        client.send(frame(1, 0, ints(10 << 16 | 11, 0), new byte[] {0}, ints(0), new byte[] {0}));
        client.receive(10, 30);
        client.send(frame(1, 0, ints(10 << 16 | 31), new byte[] {7, (byte) 0xFF}, ints(131_072), new byte[] {0, 0}));
        client.send(frame(1, 0, ints(10 << 16 | 40), new byte[] {1, '/', 0, 0}));
        client.receive(10, 41);
        client.send(frame(1, 1, ints(20 << 16 | 10), new byte[] {0}));
        client.receive(20, 11);
        client.send(frame(1, 1, ints(85 << 16 | 10), new byte[] {0}));
        client.receive(85, 11);
        return client;
    }

    static byte[] ints(int... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int value : values) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                bytes.write(value >>> shift);
            }
        }
        return bytes.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    static byte[] frame(int type, int channel, byte[]... payload) throws IOException {
        byte[] body = join(payload);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(type);
        out.writeShort(channel);
        out.writeInt(body.length);
        out.write(body);
        out.writeByte(0xCE);
        return bytes.toByteArray();
    }

    static byte[] publishMethod(int channel) throws IOException {
        return frame(1, channel, ints(60 << 16 | 40), new byte[] {0, 0, 0, 1, 'q', 0});
    }

    static byte[] contentHeader(int channel, int bodySize) throws IOException {
        return frame(2, channel, ints(60 << 16, 0, bodySize), new byte[] {0, 0});
    }

    static byte[] message(int channel, byte[]... bodies) throws IOException {
        byte[] frames = {};
        int size = 0;
        for (byte[] body : bodies) {
            size += body.length;
            frames = join(frames, frame(3, channel, body));
        }
        return join(publishMethod(channel), contentHeader(channel, size), frames);
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Reads frames until a method with these ids arrives, and returns its arguments; class 0 waits for a heartbeat. */
    DataInputStream receive(int classId, int methodId) throws IOException {
        while (true) {
            int type = in.readUnsignedByte();
            in.readUnsignedShort();
            byte[] payload = in.readNBytes(in.readInt());
            if (in.readUnsignedByte() != 0xCE) {
                throw new IOException("bad frame end");
            }
            DataInputStream method = new DataInputStream(new ByteArrayInputStream(payload));
            if (type == 2 || type == 3) {
                continue;
            }
            if (type == 8) {
                if (classId == 0) {
                    return method;
                }
                continue;
            }
            int id = method.readInt();
            if (id == (classId << 16 | methodId)) {
                return method;
            }
            if (id == (10 << 16 | 50)) {
                throw new IOException("connection.close " + method.readUnsignedShort());
            }
        }
    }

    int receiveCloseCode() throws IOException {
        return receive(10, 50).readUnsignedShort();
    }

    /** Reads all bytes until the server closes the connection. */
    byte[] receiveRest() throws IOException {
        return in.readAllBytes();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
