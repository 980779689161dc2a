package dev.holdfast.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WireTest {
    private final ByteBuf buffer = Unpooled.buffer();
    private final WireWriter out = new WireWriter(buffer);

    @Test
    void valuesAreReadAsWritten() {
        out.writeOctet(255);
        out.writeShort(65535);
        out.writeLong(0xFFFF_FFFFL);
        out.writeLongLong(-1);
        out.writeBits(5);
        out.writeShortString("schnörkel \uD83D\uDE00");
        out.writeLongString(LongString.of("abc"));
        out.writeTimestamp(Instant.ofEpochSecond(7, 999));

        WireReader in = new WireReader(buffer);
        assertThat(in.readOctet()).isEqualTo(255);
        assertThat(in.readShort()).isEqualTo(65535);
        assertThat(in.readLong()).isEqualTo(0xFFFF_FFFFL);
        assertThat(in.readLongLong()).isEqualTo(-1);
        assertThat(in.readBits()).isEqualTo(5);
        assertThat(in.readShortString()).isEqualTo("schnörkel \uD83D\uDE00");
        assertThat(in.readLongString()).isEqualTo(LongString.of("abc")).hasToString("abc");
        assertThat(in.readTimestamp()).isEqualTo(Instant.ofEpochSecond(7));
        assertThat(buffer.isReadable()).isFalse();
    }

    @Test
    void numbersOutOfRangeAreRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> out.writeShort(65536))
                .withMessage("short: 65536 (expected: 0..65535)");
        assertThatIllegalArgumentException().isThrownBy(() -> out.writeOctet(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> out.writeLong(1L << 32));
    }

    @Test
    void shortStringsAreLimitedInBytes() {
        out.writeShortString("x".repeat(255));
        out.writeShortString("ü".repeat(127));
        int written = buffer.writerIndex();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> out.writeShortString("ü".repeat(128)))
                .withMessageContaining("256 bytes")
                .withMessageContaining("<= 255");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> out.writeShortString("x".repeat(300)))
                .withMessageContaining("300 bytes");
        assertThat(buffer.writerIndex()).isEqualTo(written);
    }

    @Test
    void readsStopAtTheGivenLength() {
        buffer.writeBytes(new byte[] {3, 'a', 'b', 'c', 'd'});
        WireReader in = new WireReader(buffer, 3);
        assertThatThrownBy(in::readShortString)
                .isInstanceOf(MalformedException.class)
                .hasMessage("short string: 3 bytes (expected: <= 2 that remain)");
        assertThatThrownBy(() -> new WireReader(buffer, 6)).isInstanceOf(MalformedException.class);
    }

    @Test
    void claimedLengthBeyondTheBufferIsMalformed() {
        buffer.writeInt(0x7FFF_FFFF).writeByte(1);
        assertThatThrownBy(() -> new WireReader(buffer.duplicate()).readLongString())
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new WireReader(buffer.duplicate()).readTable()).isInstanceOf(MalformedException.class);
    }

    @Test
    void everyReadOfAnEmptyBufferIsMalformed() {
        WireReader in = new WireReader(Unpooled.EMPTY_BUFFER);
        assertThatThrownBy(in::readOctet).isInstanceOf(MalformedException.class);
        assertThatThrownBy(in::readShort).isInstanceOf(MalformedException.class);
        assertThatThrownBy(in::readLong).isInstanceOf(MalformedException.class);
        assertThatThrownBy(in::readLongLong).isInstanceOf(MalformedException.class);
        assertThatThrownBy(in::readBits).isInstanceOf(MalformedException.class);
        assertThatThrownBy(in::readShortString).isInstanceOf(MalformedException.class);
        assertThatThrownBy(in::readTimestamp).isInstanceOf(MalformedException.class);
    }

    @Test
    void whatTheWireCannotCarryIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> out.writeShortString("n\ud83d"))
                .withMessage("short string: 'n\ud83d', half a surrogate pair at 1 (expected: Unicode)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LongString.of("secret\ude00"))
                .withMessage("long string: half a surrogate pair at 6 (expected: Unicode)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> out.writeTimestamp(Instant.ofEpochSecond(-1)))
                .withMessage("timestamp: 1969-12-31T23:59:59Z (expected: 1970 to 9999)");
        assertThat(buffer.isReadable()).isFalse();
    }

    @Test
    void timestampsOutOfRangeBecomeTheNearestInstant() {
        out.writeLongLong(Long.MAX_VALUE);
        out.writeLongLong(Long.MIN_VALUE);
        WireReader in = new WireReader(buffer);
        assertThat(in.readTimestamp().getEpochSecond()).isEqualTo(Instant.MAX.getEpochSecond());
        assertThat(in.readTimestamp()).isEqualTo(Instant.MIN);
    }
}
