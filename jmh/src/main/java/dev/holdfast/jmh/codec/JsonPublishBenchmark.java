package dev.holdfast.jmh.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.jmh.BenchmarkSettings;
import dev.holdfast.jmh.load.JsonBody;
import dev.holdfast.serialization.BodyEncoder;
import dev.holdfast.serialization.CompressorRegistry;
import dev.holdfast.serialization.EncodedBody;
import dev.holdfast.serialization.SerializerRegistry;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures the encoding of a small map as JSON and of its frames, beside Jackson alone.
 *
 * <p>{@code java -jar jmh/target/benchmarks.jar JsonPublish -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JsonPublishBenchmark extends BenchmarkSettings {
    private final BodyEncoder encoder = new BodyEncoder(SerializerRegistry.standard(), CompressorRegistry.standard());
    private final ObjectMapper mapper = new ObjectMapper();
    private final ByteBuffer out = ByteBuffer.allocateDirect(4096);
    private final PublishTemplate template = PublishTemplate.of(
            "benchmark",
            "key",
            false,
            false,
            MessageProperties.EMPTY
                    .contentType("application/json")
                    .contentEncoding("utf-8")
                    .deliveryMode(2));

    /** Serialized and framed. */
    @Benchmark
    public ByteBuffer holdfast() {
        try (EncodedBody body = encoder.encode(JsonBody.MAP, null, null, null, null)) {
            template.encode(out.clear(), Frames.CHANNEL, body.array(), body.offset(), body.length(), Frames.FRAME_MAX);
        }
        return out;
    }

    /** Jackson alone. */
    @Benchmark
    public byte[] jackson() throws JsonProcessingException {
        return mapper.writeValueAsBytes(JsonBody.MAP);
    }
}
