package dev.holdfast.internal.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * Fuzzes {@link FieldTable}: any bytes are either a table that encoding and decoding reproduces, or a {@link
 * MalformedException}. Every test run replays the seeds; {@code JAZZER_FUZZ=1 mvn -pl src -am test
 * -Dtest=FieldTableFuzzTest -Dsurefire.failIfNoSpecifiedTests=false} searches for more.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class FieldTableFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void readsOrRefuses(byte[] data) {
        ByteBuf in = Unpooled.wrappedBuffer(data);
        Map<String, Object> table;
        try {
            table = FieldTable.read(in, data.length);
        } catch (MalformedException e) {
            return;
        }
        ByteBuf encoded = written(table);
        ByteBuf reencoded = written(FieldTable.read(encoded.duplicate(), encoded.writerIndex()));
        if (!encoded.equals(reencoded)) {
            throw new AssertionError("not reproduced by decoding and encoding: " + table);
        }
    }

    private static ByteBuf written(Map<String, Object> table) {
        ByteBuf out = Unpooled.buffer();
        try {
            FieldTable.write(out, table);
        } catch (IllegalArgumentException e) {
            // Replacement characters have lengthened a name that was not UTF-8.
            if (!String.valueOf(e.getMessage()).startsWith("short string: ")) {
                throw e;
            }
            FieldTable.write(out.clear(), Map.of());
        }
        return out;
    }
}
