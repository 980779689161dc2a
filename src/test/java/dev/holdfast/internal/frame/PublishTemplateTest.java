package dev.holdfast.internal.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishTemplateTest {
    private static final int FRAME_MAX = 4096;

    private final MessageProperties properties =
            MessageProperties.EMPTY.contentType("text/plain").deliveryMode(2);
    private final PublishTemplate template = PublishTemplate.of("media", "video", true, false, properties);

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "100, 65535", "4088, 2", "4089, 2", "20000, 7"})
    void encodingEqualsFramesWrittenOneByOne(int size, int channel) {
        byte[] body = new byte[size];
        new SplittableRandom(size).nextBytes(body);
        ByteBuffer out = ByteBuffer.allocateDirect(1 << 16);
        template.encode(out, 3, new byte[5], FRAME_MAX);
        int start = out.position();

        template.encode(out, channel, body, FRAME_MAX);

        int length = out.position() - start;
        assertThat(length).isEqualTo(template.encodedLength(size, FRAME_MAX));
        assertThat(ByteBufUtil.hexDump(Unpooled.wrappedBuffer(out.slice(start, length))))
                .isEqualTo(ByteBufUtil.hexDump(expected(body, channel)));
    }

    private ByteBuf expected(byte[] body, int channel) {
        ByteBuf out = Unpooled.buffer();
        FrameFormat.writeMethod(out, channel, new BasicMethods.Publish("media", "video", true, false));
        ByteBuf header = Unpooled.buffer();
        header.writeShort(60).writeShort(0).writeLong(body.length);
        PropertiesCodec.encode(properties, new WireWriter(header));
        frame(out, FrameFormat.HEADER, channel, header);
        int maxPayload = FRAME_MAX - FrameFormat.OVERHEAD;
        for (int from = 0; from < body.length; from += maxPayload) {
            ByteBuf part = Unpooled.wrappedBuffer(body, from, Math.min(maxPayload, body.length - from));
            frame(out, FrameFormat.BODY, channel, part);
        }
        return out;
    }

    private static void frame(ByteBuf out, int type, int channel, ByteBuf payload) {
        out.writeByte(type).writeShort(channel).writeInt(payload.readableBytes());
        out.writeBytes(payload).writeByte(FrameFormat.END);
    }
}
