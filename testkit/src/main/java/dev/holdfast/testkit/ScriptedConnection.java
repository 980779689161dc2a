package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.holdfast.testkit.ProtocolTable.FieldSpec;
import dev.holdfast.testkit.ProtocolTable.MethodSpec;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The broker's end of a connection, driven by a test. Heartbeats of the client are skipped. One thread at a time may
 * use it, except for {@link #close} and {@link #reset}.
 *
 * <p>A frame that is not the expected one, or does not come in time, is an AssertionError. A connection that the client
 * has ended is an UncheckedIOException.
 */
public final class ScriptedConnection implements AutoCloseable {
    private static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
    private static final int FRAME_OVERHEAD = 8;

    private final Socket socket;
    private final DataInputStream in;
    private final long timeoutNanos;
    private int frameMax = 4096;
    private int generated;

    ScriptedConnection(Socket socket, int timeoutMillis) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(timeoutMillis);
        this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        socket.setTcpNoDelay(true);
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    private record Frame(int type, int channel, byte[] payload) {}

    /** Opens the connection as RabbitMQ does, with these limits. */
    public void open(TuneParameters tune) {
        expectProtocolHeader();
        Map<String, Object> capabilities = Map.of(
                "publisher_confirms",
                true,
                "basic.nack",
                true,
                "consumer_cancel_notify",
                true,
                "connection.blocked",
                true,
                "exchange_exchange_bindings",
                true,
                "authentication_failure_close",
                true);
        send(
                0,
                "connection.start",
                Map.of(
                        "version-minor",
                        9,
                        "server-properties",
                        Map.of("product", "RabbitMQ", "capabilities", capabilities),
                        "mechanisms",
                        "PLAIN EXTERNAL",
                        "locales",
                        "en_US"));
        reply(
                expect("connection.start-ok"),
                "connection.tune",
                Map.of(
                        "channel-max", tune.channelMax(),
                        "frame-max", tune.frameMax(),
                        "heartbeat", tune.heartbeatSeconds()));
        long agreed = expect("connection.tune-ok").number("frame-max");
        frameMax = agreed == 0 ? 131_072 : (int) agreed;
        reply(expect("connection.open"));
    }

    /** Reads the protocol header of AMQP 0-9-1. */
    public void expectProtocolHeader() {
        byte[] header = receive(() -> in.readNBytes(PROTOCOL_HEADER.length));
        if (!Arrays.equals(header, PROTOCOL_HEADER)) {
            throw new AssertionError("protocol header: " + Arrays.toString(header) + " (expected: AMQP 0 0 9 1)");
        }
    }

    /** Receives the next method, which must be this one, such as {@code "queue.declare"}. */
    public AmqpMethod expect(String method) {
        String expected = ProtocolTable.method(method).name();
        AmqpMethod received = next();
        if (!received.name().equals(expected)) {
            throw new AssertionError("received " + received + " (expected: " + expected + ")");
        }
        return received;
    }

    /** Receives the next method. */
    public AmqpMethod next() {
        Frame frame = nextFrame();
        if (frame.type() != FrameWriter.TYPE_METHOD) {
            throw new AssertionError("received a content frame on channel " + frame.channel()
                    + " (expected: a method; contentOf reads the content of basic.publish)");
        }
        return receive(() -> {
            DataInputStream payload = new DataInputStream(new ByteArrayInputStream(frame.payload()));
            int id = payload.readInt();
            MethodSpec spec = ProtocolTable.method(id);
            if (spec == null) {
                throw new AssertionError(
                        "method " + (id >>> 16) + "." + (id & 0xFFFF) + " (expected: one of AMQP 0-9-1)");
            }
            return new AmqpMethod(frame.channel(), spec.name(), FieldCodec.readArguments(spec.fields(), payload));
        });
    }

    /**
     * Answers every request until this method arrives, which is returned unanswered. Requests are answered as if all
     * entities existed and were empty; the content of messages is read and dropped.
     */
    public AmqpMethod answerUntil(String method) {
        String expected = ProtocolTable.method(method).name();
        while (true) {
            AmqpMethod received = next();
            if (received.name().equals(expected)) {
                return received;
            }
            if (received.name().equals("basic.publish")) {
                AmqpContent unused = contentOf(received);
            } else if (received.name().equals("basic.get")) {
                reply(received, "basic.get-empty", Map.of());
            } else if (!ProtocolTable.method(received.name()).responses().isEmpty() && !noWait(received)) {
                reply(received);
            }
        }
    }

    private static boolean noWait(AmqpMethod request) {
        return Boolean.TRUE.equals(request.arguments().get("no-wait"));
    }

    /** Reads the properties and the body that follow a method such as basic.publish. */
    public AmqpContent contentOf(AmqpMethod method) {
        Frame header = contentFrame(method, FrameWriter.TYPE_HEADER);
        return receive(() -> {
            DataInputStream payload = new DataInputStream(new ByteArrayInputStream(header.payload()));
            payload.skipNBytes(4); // class and weight
            long size = payload.readLong();
            Map<String, Object> properties = FieldCodec.readProperties(payload);
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            while (body.size() < size) {
                body.writeBytes(contentFrame(method, FrameWriter.TYPE_BODY).payload());
            }
            return new AmqpContent(method, properties, body.toByteArray());
        });
    }

    private Frame contentFrame(AmqpMethod method, int type) {
        Frame frame = nextFrame();
        if (frame.type() != type || frame.channel() != method.channel()) {
            throw new AssertionError("received a frame of type " + frame.type() + " on channel " + frame.channel()
                    + " (expected: type " + type + " on channel " + method.channel() + ", the content of "
                    + method.name() + ")");
        }
        return frame;
    }

    /** Heartbeats do not prolong the wait for a frame. */
    private Frame nextFrame() {
        long start = System.nanoTime();
        return receive(() -> {
            while (true) {
                requireTime(start);
                int type = in.readUnsignedByte();
                int channel = in.readUnsignedShort();
                byte[] payload = in.readNBytes(in.readInt());
                int end = in.readUnsignedByte();
                if ((byte) end != FrameWriter.FRAME_END) {
                    throw new AssertionError("frame end: " + end + " (expected: 206)");
                }
                if (type != FrameWriter.TYPE_HEARTBEAT) {
                    return new Frame(type, channel, payload);
                }
            }
        });
    }

    /** Sends a method. Arguments that are not given are 0, empty or false. */
    public void send(int channel, String method, Map<String, ?> arguments) {
        MethodSpec spec = ProtocolTable.method(method);
        sendFrame(FrameWriter.TYPE_METHOD, channel, out -> {
            out.writeInt(spec.id());
            FieldCodec.writeArguments(spec.name(), spec.fields(), arguments, out);
        });
    }

    /**
     * Sends the answer that the protocol has for this request, as if the entity existed and were empty. A queue or
     * consumer without a name gets one.
     */
    public void reply(AmqpMethod request) {
        MethodSpec spec = ProtocolTable.method(request.name());
        if (spec.responses().isEmpty()) {
            throw new IllegalArgumentException(request.name() + " has no answer (expected: a synchronous method)");
        }
        MethodSpec answer = ProtocolTable.method(spec.responses().get(0));
        Map<String, Object> arguments = new LinkedHashMap<>();
        for (FieldSpec field : answer.fields()) {
            Object requested = request.arguments().get(field.name());
            if ("".equals(requested)
                    && (field.name().equals("queue") || field.name().equals("consumer-tag"))) {
                arguments.put(field.name(), "generated-" + ++generated);
            } else if (requested != null && !field.name().startsWith("reserved")) {
                arguments.put(field.name(), requested);
            }
        }
        reply(request, answer.name(), arguments);
    }

    /** Sends this method as the answer to a request, on its channel. */
    public void reply(AmqpMethod request, String method, Map<String, ?> arguments) {
        send(request.channel(), method, arguments);
    }

    /**
     * Sends a method with a message, such as {@code basic.deliver} or {@code basic.return}.
     *
     * @param properties by their names in the protocol, such as {@code "content-type"}
     */
    public void sendContent(
            int channel, String method, Map<String, ?> arguments, Map<String, ?> properties, byte[] body) {
        requireNonNull(body, "body");
        MethodSpec spec = ProtocolTable.method(method);
        send(channel, method, arguments);
        sendFrame(FrameWriter.TYPE_HEADER, channel, out -> {
            out.writeShort(spec.classId());
            out.writeShort(0);
            out.writeLong(body.length);
            FieldCodec.writeProperties(properties, out);
        });
        int max = frameMax - FRAME_OVERHEAD;
        for (int sent = 0; sent < body.length; sent += max) {
            int offset = sent;
            int length = Math.min(max, body.length - sent);
            sendFrame(FrameWriter.TYPE_BODY, channel, out -> out.write(body, offset, length));
        }
    }

    /** Closes a channel as a broker does, and waits for the client's close-ok. Frames before it are dropped. */
    public void closeChannel(int channel, int replyCode, String replyText) {
        send(channel, "channel.close", Map.of("reply-code", replyCode, "reply-text", replyText));
        while (true) {
            Frame frame = nextFrame();
            if (frame.channel() == channel
                    && frame.type() == FrameWriter.TYPE_METHOD
                    && Arrays.equals(frame.payload(), new byte[] {0, 20, 0, 41})) {
                return;
            }
        }
    }

    private interface Payload {
        void write(DataOutputStream out) throws IOException;
    }

    private void sendFrame(int type, int channel, Payload payload) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(frame);
        try {
            payload.write(new DataOutputStream(content));
            out.writeByte(type);
            out.writeShort(channel);
            out.writeInt(content.size());
            content.writeTo(out);
            out.writeByte(FrameWriter.FRAME_END);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sendBytes(frame.toByteArray());
    }

    /** Sends these bytes as they are: half a frame, a frame that no broker sends, another protocol. */
    public void sendBytes(byte[] bytes) {
        receive(() -> {
            socket.getOutputStream().write(bytes);
            return bytes;
        });
    }

    /** Sends this text in UTF-8, as a server of another protocol would. */
    public void sendBytes(String text) {
        sendBytes(text.getBytes(UTF_8));
    }

    /** Waits until the client has ended the connection. What it sends before is dropped. */
    public void expectEnd() {
        byte[] dropped = new byte[8192];
        long start = System.nanoTime();
        receive(() -> {
            try {
                while (in.read(dropped) >= 0) {
                    requireTime(start);
                }
            } catch (SocketException reset) {
                // ended
            }
            return dropped;
        });
    }

    private void requireTime(long start) throws SocketTimeoutException {
        if (System.nanoTime() - start > timeoutNanos) {
            throw new SocketTimeoutException("only heartbeats, or no end");
        }
    }

    private interface Io<T> {
        T run() throws IOException;
    }

    private <T> T receive(Io<T> io) {
        try {
            return io.run();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the client has sent nothing for too long on " + this, e);
        } catch (EOFException e) {
            throw new UncheckedIOException("the client has ended the connection", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connection without a close of AMQP; the client gets a FIN. Closing again does nothing. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Resets the connection: the client gets an RST and loses what it has not read. */
    public void reset() {
        try {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "ScriptedConnection(from port " + socket.getPort() + ")";
    }
}
