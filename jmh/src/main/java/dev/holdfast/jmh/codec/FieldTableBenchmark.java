package dev.holdfast.jmh.codec;

import com.rabbitmq.client.impl.MethodArgumentReader;
import com.rabbitmq.client.impl.ValueReader;
import com.rabbitmq.client.impl.ValueWriter;
import dev.holdfast.internal.wire.FieldTable;
import dev.holdfast.jmh.BenchmarkSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Measures encoding and decoding of field tables.
 *
 * <p>{@code java -jar jmh/target/benchmarks.jar FieldTable -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FieldTableBenchmark extends BenchmarkSettings {
    @Param({"small", "nested"})
    String table = "small";

    private Map<String, Object> values = Map.of();
    private byte[] encoded = {};
    private final ByteBuf out = Unpooled.directBuffer(4096);
    private ByteBuf in = Unpooled.EMPTY_BUFFER;

    /** Creates the table. */
    @Setup
    public void prepare() throws IOException {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("trace", "0af7651916cd43dd8448eb211c80319c");
        entries.put("attempt", 3);
        entries.put("size", 1L << 40);
        entries.put("urgent", true);
        if (table.equals("nested")) {
            entries.put("ratio", 0.75);
            entries.put("route", List.of("first", "second", "third"));
            entries.put("origin", Map.of("host", "app-17", "zone", Map.of("name", "eu-1", "rack", 12)));
        }
        values = entries;
        encoded = encodeByAmqpClient();
        in = Unpooled.directBuffer(encoded.length).writeBytes(encoded);
    }

    /** Encodes the table. */
    @Benchmark
    public ByteBuf encode() {
        FieldTable.write(out.clear(), values);
        return out;
    }

    /** Decodes the table. */
    @Benchmark
    public Map<String, Object> decode() {
        return FieldTable.read(in.readerIndex(0), encoded.length);
    }

    /** Encodes the table with amqp-client's classes. */
    @Benchmark
    public byte[] encodeByAmqpClient() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        new ValueWriter(new DataOutputStream(bytes)).writeTable(values);
        return bytes.toByteArray();
    }

    /** Decodes the table with amqp-client's classes. */
    @Benchmark
    public Map<String, Object> decodeByAmqpClient() throws IOException {
        DataInputStream bytes = new DataInputStream(new ByteArrayInputStream(encoded));
        return new MethodArgumentReader(new ValueReader(bytes)).readTable();
    }
}
