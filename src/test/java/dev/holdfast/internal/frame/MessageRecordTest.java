package dev.holdfast.internal.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MessageProperties;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageRecordTest {
    private static final int CAPACITY = 64 * 1024;
    private static final int OVERHEAD = FrameFormat.OVERHEAD;
    private static final MessageProperties PROPERTIES =
            MessageProperties.EMPTY.contentType("text/plain").deliveryMode(2).messageId("m");

    private final PublishTemplate template = PublishTemplate.of("x", "key", true, false, PROPERTIES);

    @Test
    void copyEqualsAnEncodingByTheTemplate() {
        Random random = new Random(11);
        for (int round = 0; round < 500; round++) {
            int frameMax = 4096 + random.nextInt(3) * 1000;
            int newFrameMax = 4096 + random.nextInt(8) * 997;
            byte[] body = body(random, frameMax - OVERHEAD, newFrameMax - OVERHEAD);
            int offset = random.nextInt(20);
            ByteBuffer first = ByteBuffer.allocate(CAPACITY).position(offset);
            template.encode(first, 1, body, frameMax);
            int length = first.position() - offset;
            assertThat(template.encodedLength(body.length, frameMax)).isEqualTo(length);

            MessageRecord record = new MessageRecord(Unpooled.wrappedBuffer(first.array()), offset, length);
            ByteBuffer copy = ByteBuffer.allocate(CAPACITY);
            record.copyTo(copy, 7, newFrameMax);

            ByteBuffer expected = ByteBuffer.allocate(CAPACITY);
            template.encode(expected, 7, body, newFrameMax);
            assertThat(copy.flip())
                    .as("%s bytes, %s to %s", body.length, frameMax, newFrameMax)
                    .isEqualTo(expected.flip());
            assertThat(record.copyLength(newFrameMax)).isEqualTo(copy.limit());
            assertThat(record.bodySize()).isEqualTo(body.length);
            assertThat(record.bodyEquals(body)).isTrue();
            assertThat(record.properties()).isEqualTo(PROPERTIES);
            assertThat(record.largestFixedFrame()).isEqualTo(template.largestFrame());
        }
    }

    @Test
    void bodyEqualsComparesLengthAndBytes() {
        ByteBuffer out = ByteBuffer.allocate(CAPACITY);
        byte[] body = new byte[10_000];
        template.encode(out, 1, body, 4096);
        MessageRecord record = new MessageRecord(Unpooled.wrappedBuffer(out.array()), 0, out.position());
        byte[] other = body.clone();
        other[9_999] = 1;

        assertThat(record.bodyEquals(body)).isTrue();
        assertThat(record.bodyEquals(other)).isFalse();
        assertThat(record.bodyEquals(new byte[9_999])).isFalse();
    }

    /** An empty body, a multiple of either maximum payload, one byte more or less, or any size. */
    private static byte[] body(Random random, int maxPayload, int newMaxPayload) {
        int size = switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> maxPayload * (1 + random.nextInt(3));
            case 2 -> newMaxPayload * (1 + random.nextInt(3));
            case 3 -> maxPayload * (1 + random.nextInt(3)) + random.nextInt(3) - 1;
            default -> random.nextInt(40_000);
        };
        byte[] body = new byte[size];
        random.nextBytes(body);
        return body;
    }
}
