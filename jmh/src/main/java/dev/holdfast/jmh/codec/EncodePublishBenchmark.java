package dev.holdfast.jmh.codec;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.Frame;
import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.jmh.BenchmarkSettings;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Measures the encoding of one publish, with prepared and with new properties: method, header and body frames.
 *
 * <p>{@code java -jar jmh/target/benchmarks.jar EncodePublish -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EncodePublishBenchmark extends BenchmarkSettings {
    private static final String EXCHANGE = "benchmark";
    private static final String ROUTING_KEY = "key";
    private static final String CONTENT_TYPE = "application/data";
    private static final String CONTENT_ENCODING = "binary";
    private static final Map<String, Object> HEADERS = Map.of("trace", "0af7651916cd43dd", "attempt", 1);
    private static final int FRAME_MAX = 131_072;
    private static final int CHANNEL = 2;

    @Param({"16", "100", "1024", "65536"})
    int size;

    @Param({"false", "true"})
    boolean headers;

    private byte[][] bodies = new byte[0][];
    private int next;

    private final ByteBuffer segment = ByteBuffer.allocateDirect(128 << 10);

    private final DataOutputStream discarding = new DataOutputStream(OutputStream.nullOutputStream());

    /** Prepared once, as for reused PublishOptions. */
    private PublishTemplate template = makeTemplate();

    private BasicProperties properties = makeProperties();

    /** Creates the bodies, the template and the properties. */
    @Setup
    public void prepare() {
        template = makeTemplate();
        properties = makeProperties();
        bodies = payloads(size);
    }

    private PublishTemplate makeTemplate() {
        MessageProperties plain = MessageProperties.EMPTY
                .contentType(CONTENT_TYPE)
                .contentEncoding(CONTENT_ENCODING)
                .deliveryMode(2);
        return PublishTemplate.of(EXCHANGE, ROUTING_KEY, false, false, headers ? plain.headers(HEADERS) : plain);
    }

    private BasicProperties makeProperties() {
        return new BasicProperties.Builder()
                .contentType(CONTENT_TYPE)
                .contentEncoding(CONTENT_ENCODING)
                .deliveryMode(2)
                .headers(headers ? HEADERS : null)
                .build();
    }

    /** Encodes into a segment like those of the outbound log, which is cleared when it is full. */
    @Benchmark
    public ByteBuffer holdfast() {
        return encode(template);
    }

    /** As {@link #holdfast}, with properties created for this message. */
    @Benchmark
    public ByteBuffer holdfastFresh() {
        return encode(makeTemplate());
    }

    private ByteBuffer encode(PublishTemplate template) {
        byte[] body = bodies[next++ & PAYLOADS - 1];
        if (segment.remaining() < template.encodedLength(body.length, FRAME_MAX)) {
            ByteBuffer unused = segment.clear();
        }
        template.encode(segment, CHANNEL, body, FRAME_MAX);
        return segment;
    }

    /** With the classes that amqp-client's commands are written with, to a stream that discards them. */
    @Benchmark
    public DataOutputStream amqpClient() throws IOException {
        return write(properties);
    }

    /** As {@link #amqpClient}, with properties created for this message. */
    @Benchmark
    public DataOutputStream amqpClientFresh() throws IOException {
        return write(makeProperties());
    }

    private DataOutputStream write(BasicProperties properties) throws IOException {
        byte[] body = bodies[next++ & PAYLOADS - 1];
        new AMQImpl.Basic.Publish(0, EXCHANGE, ROUTING_KEY, false, false)
                .toFrame(CHANNEL)
                .writeTo(discarding);
        properties.toFrame(CHANNEL, body.length).writeTo(discarding);
        int maxPayload = FRAME_MAX - 8;
        for (int from = 0; from < body.length; from += maxPayload) {
            int length = Math.min(maxPayload, body.length - from);
            Frame.fromBodyFragment(CHANNEL, ByteBuffer.wrap(body), from, length).writeTo(discarding);
        }
        return discarding;
    }
}
