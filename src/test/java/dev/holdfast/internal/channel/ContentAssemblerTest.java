package dev.holdfast.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.channel.ContentAssembler.OutOfOrderException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ContentAssemblerTest {
    private static final Method RETURN = new BasicMethods.Return(312, "NO_ROUTE", "x", "k");
    private final ContentAssembler assembler = new ContentAssembler(200_000_000);

    @Test
    void putsMethodHeaderAndBodyTogether() {
        assembler.method(RETURN);
        assertThat(assembler.isBusy()).isTrue();
        assertThat(assembler.header(MessageProperties.EMPTY.type("t"), 5)).isNull();
        assertThat(body(bytes("he"))).isNull();
        ContentAssembler.Content content = body(bytes("llo"));

        assertThat(content.method()).isSameAs(RETURN);
        assertThat(content.properties().type()).isEqualTo("t");
        assertThat(content.body()).asString(StandardCharsets.UTF_8).isEqualTo("hello");
        assertThat(assembler.isBusy()).isFalse();
    }

    @Test
    void needsNoBodyFrameForAnEmptyBody() {
        assembler.method(RETURN);
        assertThat(assembler.header(MessageProperties.EMPTY, 0).body()).isEmpty();
    }

    @Test
    void joinsPartsOfAnySize() {
        Random random = new Random(7);
        for (int round = 0; round < 50; round++) {
            byte[] body = new byte[1 + random.nextInt(300_000)];
            random.nextBytes(body);
            assembler.method(RETURN);
            ContentAssembler.Content content = assembler.header(MessageProperties.EMPTY, body.length);
            for (int at = 0; at < body.length; ) {
                int length = Math.min(body.length - at, random.nextInt(100_000));
                content = body(ByteBuffer.wrap(body, at, length));
                at += length;
            }
            assertThat(content.body()).isEqualTo(body);
        }
    }

    @Test
    void refusesFramesOutOfOrder() {
        assertThatThrownBy(() -> assembler.header(MessageProperties.EMPTY, 1)).isInstanceOf(OutOfOrderException.class);
        assertThatThrownBy(() -> body(bytes("x"))).isInstanceOf(OutOfOrderException.class);
        assembler.method(RETURN);
        assertThatThrownBy(() -> body(bytes("x"))).isInstanceOf(OutOfOrderException.class);
        assertThatThrownBy(() -> assembler.method(RETURN)).isInstanceOf(OutOfOrderException.class);
        assembler.header(MessageProperties.EMPTY, 1);
        assertThatThrownBy(() -> assembler.header(MessageProperties.EMPTY, 1)).isInstanceOf(OutOfOrderException.class);
        assertThatThrownBy(() -> body(bytes("xy")))
                .isInstanceOf(OutOfOrderException.class)
                .hasMessage("body: 2 bytes (expected: 1 as its header says)");
    }

    @Test
    void refusesBodiesOverTheLimit() {
        ContentAssembler small = new ContentAssembler(10);
        small.method(RETURN);
        assertThatThrownBy(() -> small.header(MessageProperties.EMPTY, 11))
                .hasMessage("body size: 11 (expected: <= 10, ConnectionOptions.maxInboundMessageSize)");
        assertThatThrownBy(() -> small.header(MessageProperties.EMPTY, -1))
                .hasMessageStartingWith("body size: 18446744073709551615 ");
    }

    @Test
    void takesMemoryForWhatArrivedNotForWhatIsClaimed() {
        long before = allocated();
        assembler.method(RETURN);
        assembler.header(MessageProperties.EMPTY, 100_000_000);
        assertThat(body(ByteBuffer.wrap(new byte[1000]))).isNull();
        assertThat(allocated() - before).isLessThan(1_000_000);
    }

    @Test
    void startsAnewAfterAReset() {
        assembler.method(RETURN);
        assembler.header(MessageProperties.EMPTY, 10);
        assembler.reset();
        assertThat(assembler.isBusy()).isFalse();
        assembler.method(RETURN);
        assertThat(assembler.header(MessageProperties.EMPTY, 0)).isNotNull();
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private ContentAssembler.@Nullable Content body(ByteBuffer part) {
        return assembler.body(part.remaining(), (body, at) -> part.get(body, at, part.remaining()));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
