package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.internal.wire.WireReader;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Map;

/** The broker's end of one connection. Every read has a deadline. */
final class ScriptedLink {
    private static final int PROTOCOL_HEADER = 8;

    private final Socket socket;
    private final DataInputStream in;

    ScriptedLink(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** A received frame. */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    record Frame(int type, int channel, byte[] payload) {
        Method method() {
            return FrameFormat.readMethod(Unpooled.wrappedBuffer(payload), payload.length);
        }
    }

    /** A received method, which can be answered on its channel. */
    record Received<M extends Method>(ScriptedLink link, int channel, M method) {
        Received<M> reply(Method answer) {
            link.send(channel, answer);
            return this;
        }
    }

    /** A received publish with its content. */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    record Published(
            int channel,
            String exchange,
            String routingKey,
            MessageProperties properties,
            byte[] body,
            int largestFrame) {
        String text() {
            return new String(body, UTF_8);
        }
    }

    void expectProtocolHeader() {
        assertThat(readFully(PROTOCOL_HEADER)).containsExactly('A', 'M', 'Q', 'P', 0, 0, 9, 1);
    }

    void handshake(int channelMax, int frameMax, String product) {
        expectProtocolHeader();
        Map<String, Object> capabilities =
                Map.of("basic.nack", true, "publisher_confirms", true, "connection.blocked", true);
        send(
                0,
                new ConnectionMethods.Start(
                        0,
                        9,
                        Map.of("product", product, "capabilities", capabilities),
                        LongString.of("PLAIN"),
                        LongString.of("en_US")));
        expect(ConnectionMethods.StartOk.class).reply(new ConnectionMethods.Tune(channelMax, frameMax, 0));
        expect(ConnectionMethods.TuneOk.class);
        expect(ConnectionMethods.Open.class).reply(ConnectionMethods.OpenOk.INSTANCE);
    }

    /** Opens the channels that the session needs, up to confirm.select. Returns the number of the publish channel. */
    int restoreChannels() {
        while (true) {
            Frame frame = next();
            Method method = frame.method();
            if (method instanceof ChannelMethods.Open) {
                send(frame.channel(), ChannelMethods.OpenOk.INSTANCE);
            } else {
                assertThat(method).isInstanceOf(ConfirmMethods.Select.class);
                send(frame.channel(), ConfirmMethods.SelectOk.INSTANCE);
                return frame.channel();
            }
        }
    }

    /** Answers basic.qos. */
    BasicMethods.Qos answerQos() {
        return expect(BasicMethods.Qos.class).reply(BasicMethods.QosOk.INSTANCE).method();
    }

    /** Answers exchange.declare. */
    ExchangeMethods.Declare answerExchangeDeclare() {
        return expect(ExchangeMethods.Declare.class)
                .reply(ExchangeMethods.DeclareOk.INSTANCE)
                .method();
    }

    /** Answers the queue.declare of this queue, or of one to which the broker gives this name. */
    void answerQueueDeclare(String name) {
        answerQueueDeclare(new QueueMethods.DeclareOk(name, 0, 0));
    }

    /** Answers the queue.declare of the queue that the answer names. */
    void answerQueueDeclare(QueueMethods.DeclareOk answer) {
        Received<QueueMethods.Declare> declare = expect(QueueMethods.Declare.class);
        assertThat(declare.method().queue()).isIn("", answer.queue());
        declare.reply(answer);
    }

    /** Answers queue.bind. */
    QueueMethods.Bind answerQueueBind() {
        return expect(QueueMethods.Bind.class)
                .reply(QueueMethods.BindOk.INSTANCE)
                .method();
    }

    /** Closes a channel as a broker does, and expects the client's channel.close-ok. */
    void closeChannel(int channel, ChannelMethods.Close close) {
        send(channel, close);
        expect(ChannelMethods.CloseOk.class);
    }

    /** Answers channel.close. */
    void answerChannelClose() {
        expect(ChannelMethods.Close.class).reply(ChannelMethods.CloseOk.INSTANCE);
    }

    /** Answers channel.open. Returns the number of the channel. */
    int openChannel() {
        return expect(ChannelMethods.Open.class)
                .reply(ChannelMethods.OpenOk.INSTANCE)
                .channel();
    }

    /** Answers channel.open and confirm.select. Returns the number of the channel. */
    int openConfirming() {
        int channel = openChannel();
        expect(ConfirmMethods.Select.class).reply(ConfirmMethods.SelectOk.INSTANCE);
        return channel;
    }

    /** Expects this method as the next frame. */
    <M extends Method> Received<M> expect(Class<M> type) {
        Frame frame = next();
        assertThat(frame.type()).as("frame type").isEqualTo(FrameFormat.METHOD);
        Method method = frame.method();
        assertThat(method).isInstanceOf(type);
        return new Received<>(this, frame.channel(), type.cast(method));
    }

    /** Skips frames up to this method. */
    <M extends Method> Received<M> skipTo(Class<M> type) {
        while (true) {
            Frame frame = next();
            if (frame.type() == FrameFormat.METHOD && type.isInstance(frame.method())) {
                return new Received<>(this, frame.channel(), type.cast(frame.method()));
            }
        }
    }

    /** Expects a publish as the next frames. */
    Published expectPublish() {
        return contentOf(expect(BasicMethods.Publish.class));
    }

    /** Expects this many publishes as the next frames. Returns the channel of the last one. */
    int expectPublishes(int count) {
        int channel = 0;
        for (int i = 0; i < count; i++) {
            channel = expectPublish().channel();
        }
        return channel;
    }

    /** Expects publishes with these bodies, in this order. Returns the channel of the last one. */
    int expectPublishes(String... bodies) {
        int channel = 0;
        for (String body : bodies) {
            Published published = expectPublish();
            assertThat(published.text()).isEqualTo(body);
            channel = published.channel();
        }
        return channel;
    }

    /** Reads the content of this publish. */
    Published contentOf(Received<BasicMethods.Publish> publish) {
        Frame header = next();
        assertThat(header.type()).isEqualTo(FrameFormat.HEADER);
        assertThat(header.channel()).isEqualTo(publish.channel());
        WireReader reader = new WireReader(Unpooled.wrappedBuffer(header.payload()), header.payload().length);
        int unusedClass = reader.readShort();
        int unusedWeight = reader.readShort();
        long size = reader.readLongLong();
        MessageProperties properties = PropertiesCodec.decode(reader);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int largest = header.payload().length;
        while (body.size() < size) {
            Frame frame = next();
            assertThat(frame.type()).isEqualTo(FrameFormat.BODY);
            assertThat(frame.channel()).isEqualTo(publish.channel());
            body.writeBytes(frame.payload());
            largest = Math.max(largest, frame.payload().length);
        }
        return new Published(
                publish.channel(),
                publish.method().exchange(),
                publish.method().routingKey(),
                properties,
                body.toByteArray(),
                largest + FrameFormat.OVERHEAD);
    }

    /** Reads the next frame other than a heartbeat. */
    Frame next() {
        while (true) {
            Frame frame = frame();
            if (frame.type() != FrameFormat.HEARTBEAT) {
                return frame;
            }
        }
    }

    private Frame frame() {
        try {
            int type = in.readUnsignedByte();
            assertThat(type).as("frame type").isIn(1, 2, 3, 8);
            int channel = in.readUnsignedShort();
            byte[] payload = readFully(in.readInt());
            assertThat(in.readUnsignedByte()).as("frame end").isEqualTo(FrameFormat.END);
            return new Frame(type, channel, payload);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the client sent no frame in time", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] readFully(int length) {
        try {
            byte[] bytes = new byte[length];
            in.readFully(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Expects that the client sends nothing in this time. */
    void expectSilence(int millis) throws IOException {
        int patience = socket.getSoTimeout();
        socket.setSoTimeout(millis);
        try {
            in.mark(1);
            int octet = in.read();
            in.reset();
            assertThat(octet).as("octet, where silence was expected").isEqualTo(-1);
        } catch (SocketTimeoutException e) {
            // expected
        } finally {
            socket.setSoTimeout(patience);
        }
    }

    /** Expects connection.close, and skips the frames before it. */
    ConnectionMethods.Close expectConnectionClose() {
        while (true) {
            Frame frame = next();
            if (frame.type() == FrameFormat.METHOD && frame.method() instanceof ConnectionMethods.Close close) {
                return close;
            }
        }
    }

    /** Expects the end of the TCP connection, and skips the frames before it. */
    void expectEnd() {
        try {
            while (true) {
                Frame unused = next();
            }
        } catch (UncheckedIOException e) {
            boolean ended = e.getCause() instanceof EOFException || e.getCause() instanceof java.net.SocketException;
            assertThat(ended).as("the client ended TCP: " + e.getCause()).isTrue();
        }
    }

    void send(int channel, Method method) {
        ByteBuf out = Unpooled.buffer();
        FrameFormat.writeMethod(out, channel, method);
        sendBytes(out);
    }

    /** Sends several methods in one write, so that one read of the client receives them. */
    void sendTogether(int channel, Method... methods) {
        ByteBuf out = Unpooled.buffer();
        for (Method method : methods) {
            FrameFormat.writeMethod(out, channel, method);
        }
        sendBytes(out);
    }

    /** Sends a method with its content; the body is one frame. */
    void sendContent(int channel, Method method, MessageProperties properties, byte[] body) {
        ByteBuf out = Unpooled.buffer();
        FrameFormat.writeMethod(out, channel, method);
        int header = FrameFormat.begin(out, FrameFormat.HEADER, channel);
        out.writeShort(60).writeShort(0).writeLong(body.length);
        PropertiesCodec.encode(properties, new WireWriter(out));
        FrameFormat.end(out, header);
        int content = FrameFormat.begin(out, FrameFormat.BODY, channel);
        out.writeBytes(body);
        FrameFormat.end(out, content);
        sendBytes(out);
    }

    private void sendBytes(ByteBuf out) {
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        sendRaw(bytes);
    }

    void sendRaw(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void ack(int channel, long tag) {
        send(channel, new BasicMethods.Ack(tag, false));
    }

    void ackAllUpTo(int channel, long tag) {
        send(channel, new BasicMethods.Ack(tag, true));
    }

    void nack(int channel, long tag) {
        send(channel, new BasicMethods.Nack(tag, false, false));
    }

    /** Returns this message as unroutable. */
    void returnUnroutable(Published message) {
        BasicMethods.Return back = new BasicMethods.Return(312, "NO_ROUTE", message.exchange(), message.routingKey());
        sendContent(message.channel(), back, message.properties(), message.body());
    }

    /** Resets the TCP connection. */
    void cut() {
        try {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
