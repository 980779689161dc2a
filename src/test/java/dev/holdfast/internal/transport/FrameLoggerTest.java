package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameLoggerTest {
    private final List<String> lines = new ArrayList<>();
    private final RecordingFrameListener listener = new RecordingFrameListener();
    private final FrameLogger logger = new FrameLogger(lines::add);
    private final EmbeddedChannel channel =
            new EmbeddedChannel(logger, new FrameDecoder(1 << 17, logger.logging(listener)));

    @AfterEach
    void releaseAll() {
        channel.finishAndReleaseAll();
    }

    @Test
    void methodIsLoggedInEachDirection() {
        ByteBuf frame = method(1, new QueueMethods.Declare("video", false, true, false, false, false, Map.of()));
        channel.writeOutbound(frame.copy());
        channel.writeInbound(frame);
        assertThat(lines)
                .containsExactly(
                        ">> ch=1   METHOD   17 queue.declare queue=video durable",
                        "<< ch=1   METHOD   17 queue.declare queue=video durable");
        assertThat(listener.frames).hasSize(1);
    }

    @Test
    void allFramesOfAnOutgoingBufferAreLogged() {
        ByteBuf out = method(2047, new BasicMethods.Publish("media", "a b", false, false));
        MessageProperties properties =
                MessageProperties.EMPTY.contentType("text/plain").headers(Map.of("x", 1));
        int header = FrameFormat.begin(out, FrameFormat.HEADER, 2047);
        out.writeShort(60).writeShort(0).writeLong(5);
        PropertiesCodec.encode(properties, new WireWriter(out));
        FrameFormat.end(out, header);
        int body = FrameFormat.begin(out, FrameFormat.BODY, 2047);
        out.writeBytes(new byte[5]);
        FrameFormat.end(out, body);
        FrameFormat.writeHeartbeat(out);
        channel.writeOutbound(out);
        assertThat(lines)
                .containsExactly(
                        ">> ch=2047 METHOD   17 basic.publish exchange=media routingKey='a b'",
                        ">> ch=2047 HEADER   36 size=5 properties={contentType=text/plain, headers={x=1}}",
                        ">> ch=2047 BODY      5",
                        ">> ch=0   BEAT      0");
    }

    @Test
    void secretsAreMasked() {
        channel.writeOutbound(Unpooled.wrappedBuffer(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1}));
        channel.writeOutbound(method(
                0,
                new ConnectionMethods.StartOk(
                        Map.of("product", "Holdfast"), "PLAIN", LongString.of("\0me\0hunter2"), "en_US")));
        channel.writeInbound(method(0, new ConnectionMethods.Secure(LongString.of("hunter2"))));
        channel.writeOutbound(method(0, new ConnectionMethods.SecureOk(LongString.of("hunter2"))));
        channel.writeOutbound(method(0, new ConnectionMethods.UpdateSecret(LongString.of("hunter2"), "rotation")));
        assertThat(lines).noneMatch(line -> line.contains("hunter2"));
        assertThat(lines)
                .containsExactly(
                        ">> AMQP 0-9-1",
                        ">> ch=0   METHOD   56 connection.start-ok clientProperties={product=Holdfast}"
                                + " mechanism=PLAIN response=*** locale=en_US",
                        "<< ch=0   METHOD   15 connection.secure challenge=***",
                        ">> ch=0   METHOD   15 connection.secure-ok response=***",
                        ">> ch=0   METHOD   24 connection.update-secret newSecret=*** reason=rotation");
    }

    @Test
    void controlCharactersAreEscapedAndUnreadableFramesReported() {
        channel.writeInbound(method(0, new ConnectionMethods.Blocked("low\nmemory\u001b[1m")));
        ByteBuf unknown = Unpooled.buffer();
        int start = FrameFormat.begin(unknown, FrameFormat.METHOD, 1);
        unknown.writeShort(50).writeShort(99);
        FrameFormat.end(unknown, start);
        channel.writeInbound(unknown);
        ByteBuf broken = Unpooled.buffer();
        start = FrameFormat.begin(broken, FrameFormat.HEADER, 1);
        broken.writeByte(1);
        FrameFormat.end(broken, start);
        channel.writeInbound(broken);
        assertThat(lines.get(0))
                .isEqualTo("<< ch=0   METHOD   19 connection.blocked reason=low\\u000amemory\\u001b[1m");
        assertThat(lines.get(1)).startsWith("<< ch=1   METHOD    4 unreadable: unknown method: class 50, method 99");
        assertThat(lines.get(2)).startsWith("<< ch=1   HEADER    1 unreadable: long: 4 bytes");
    }

    @Test
    void handlerExistsOnlyIfEnabled() {
        assertThat(FrameLogger.ifEnabled(false)).isNull();
        assertThat(FrameLogger.ifEnabled(true)).isNotNull();
    }

    private static ByteBuf method(int channel, Method method) {
        ByteBuf out = Unpooled.buffer();
        FrameFormat.writeMethod(out, channel, method);
        return out;
    }
}
