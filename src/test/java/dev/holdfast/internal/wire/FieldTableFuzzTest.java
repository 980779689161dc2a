package dev.holdfast.internal.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever bytes come: a table that can be written and read again, or {@link MalformedException}. Replays its seeds in
 * every test run; {@code JAZZER_FUZZ=1 mvn -pl src -am test -Dtest=FieldTableFuzzTest
 * -Dsurefire.failIfNoSpecifiedTests=false} searches for more.
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
        ByteBuf once = written(table);
        ByteBuf twice = written(FieldTable.read(once.duplicate(), once.writerIndex()));
        if (!once.equals(twice)) {
            throw new AssertionError("read and written again: not the same for " + table);
        }
    }

    private static ByteBuf written(Map<String, Object> table) {
        ByteBuf out = Unpooled.buffer();
        try {
            FieldTable.write(out, table);
        } catch (IllegalArgumentException e) {
            // A name that was no UTF-8 has grown by its replacement characters.
            if (!String.valueOf(e.getMessage()).startsWith("short string: ")) {
                throw e;
            }
            FieldTable.write(out.clear(), Map.of());
        }
        return out;
    }
}
