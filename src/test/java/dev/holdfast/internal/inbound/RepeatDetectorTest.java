package dev.holdfast.internal.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.internal.wire.MalformedException;
import dev.holdfast.internal.wire.WireReader;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RepeatDetectorTest {
    private final RepeatDetector detector = new RepeatDetector();

    @Test
    void bytesThatDifferInOneAreNotRepeated() {
        Random random = new Random(7);
        for (int length = 0; length <= 256; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(isRepeated(bytes)).isFalse();
            assertThat(isRepeated(bytes)).as("%d bytes", length).isTrue();
            for (int i = 0; i < length; i++) {
                byte[] other = bytes.clone();
                other[i]++;
                assertThat(isRepeated(other)).as("byte %d of %d", i, length).isFalse();
                assertThat(isRepeated(bytes)).isFalse();
            }
        }
    }

    @Test
    void anotherLengthIsNotRepeated() {
        assertThat(isRepeated("abcdefghi".getBytes(UTF_8))).isFalse();
        assertThat(isRepeated("abcdefgh".getBytes(UTF_8))).isFalse();
        assertThat(isRepeated(new byte[0])).isFalse();
        assertThat(isRepeated(new byte[0])).isTrue();
    }

    @Test
    void moreThan256BytesAreNeverRepeated() {
        byte[] bytes = new byte[257];
        assertThat(isRepeated(bytes)).isFalse();
        assertThat(isRepeated(bytes)).isFalse();
    }

    @Test
    void cachedStringReadsRepeatedAndOtherStrings() {
        CachedShortString string = new CachedShortString();
        for (String text : new String[] {"media", "media", "", "", "größe", "größe", "media"}) {
            ByteBuf in = Unpooled.buffer();
            new WireWriter(in).writeShortString(text);
            in.writeByte(42);
            WireReader reader = new WireReader(in);
            assertThat(string.read(reader)).isEqualTo(text);
            assertThat(reader.readOctet()).isEqualTo(42);
        }
    }

    @Test
    void cachedStringDoesNotReadPastTheEnd() {
        CachedShortString string = new CachedShortString();
        ByteBuf encoded = Unpooled.buffer().writeByte(5).writeBytes("media".getBytes(UTF_8));
        assertThat(string.read(new WireReader(encoded.duplicate()))).isEqualTo("media");
        assertThatThrownBy(() -> string.read(new WireReader(encoded.duplicate(), 5)))
                .isInstanceOf(MalformedException.class);
    }

    /** The bytes are between others, which must not be compared. */
    private boolean isRepeated(byte[] bytes) {
        ByteBuf in = Unpooled.buffer().writeByte(1).writeBytes(bytes).writeByte(2);
        return detector.isRepeated(in, 1, bytes.length);
    }
}
