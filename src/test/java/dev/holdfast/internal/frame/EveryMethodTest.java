package dev.holdfast.internal.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.MethodArgumentWriter;
import com.rabbitmq.client.impl.ValueWriter;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.testing.RandomMethods;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Encodes and decodes every method with random arguments, by this library and by the RabbitMQ Java client. */
class EveryMethodTest {
    private static final int ROUNDS = 50;

    static Stream<Class<?>> methods() {
        return RandomMethods.types();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void everyMethodIsDecodedAsEncoded(Class<?> type) throws ReflectiveOperationException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < ROUNDS; i++) {
            Method method = RandomMethods.of(type, random);
            ByteBuf frame = Unpooled.buffer();
            FrameFormat.writeMethod(frame, 7, method);
            int length = (int) FrameFormat.payloadSize(frame, 0);
            assertThat(frame.readableBytes()).isEqualTo(length + FrameFormat.OVERHEAD);
            frame.skipBytes(FrameFormat.PREFIX_SIZE);
            assertThat(FrameFormat.readMethod(frame, length))
                    .as("seed %d", seed)
                    .isEqualTo(method);
            assertThat(frame.readableBytes()).isEqualTo(1);
        }
        assertThat(MethodNames.of(
                        RandomMethods.of(type, random).classId(),
                        RandomMethods.of(type, random).methodId()))
                .isEqualTo(RandomMethods.of(type, random).methodName());
    }

    @ParameterizedTest
    @MethodSource("methods")
    void encodingEqualsThatOfTheJavaClient(Class<?> type) throws ReflectiveOperationException, IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < ROUNDS; i++) {
            Method method = RandomMethods.of(type, random);
            byte[] ours = payload(method);
            com.rabbitmq.client.impl.Method theirs = theirs(ours);
            if (theirs == null) {
                return;
            }
            assertThat(theirs.protocolMethodName()).isEqualTo(method.methodName());
            assertThat(theirs.hasContent()).isEqualTo(method.hasContent());
            byte[] theirBytes = payload(theirs);
            assertThat(theirBytes).as("seed %d: %s", seed, theirs).isEqualTo(ours);
            Method decoded = FrameFormat.readMethod(Unpooled.wrappedBuffer(theirBytes), theirBytes.length);
            assertThat(decoded).as("seed %d", seed).isEqualTo(method);
        }
    }

    /** Null for the few methods that the Java client does not have. */
    private static com.rabbitmq.client.impl.Method theirs(byte[] bytes) throws IOException {
        try {
            return AMQImpl.readMethodFrom(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (com.rabbitmq.client.UnexpectedMethodError | com.rabbitmq.client.UnknownClassOrMethodId e) {
            return null;
        }
    }

    private static byte[] payload(com.rabbitmq.client.impl.Method method) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(method.protocolClassId());
        out.writeShort(method.protocolMethodId());
        MethodArgumentWriter arguments = new MethodArgumentWriter(new ValueWriter(out));
        method.writeArgumentsTo(arguments);
        arguments.flush();
        return bytes.toByteArray();
    }

    private static byte[] payload(Method method) {
        ByteBuf frame = Unpooled.buffer();
        FrameFormat.writeMethod(frame, 0, method);
        return ByteBufUtil.getBytes(frame, FrameFormat.PREFIX_SIZE, frame.readableBytes() - FrameFormat.OVERHEAD);
    }
}
