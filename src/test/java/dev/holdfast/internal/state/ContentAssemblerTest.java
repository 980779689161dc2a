package dev.holdfast.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.internal.state.ContentAssembler.OutOfOrderException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ContentAssemblerTest {
    private static final String RETURN = "basic.return";
    private final ContentAssembler assembler = new ContentAssembler(200_000_000);

    @Test
    void assemblesTheBodyFromItsFrames() {
        assembler.begin(RETURN);
        assertThat(assembler.isBusy()).isTrue();
        assertThat(assembler.header(5)).isFalse();
        assertThat(body(bytes("he"))).isFalse();
        assertThat(body(bytes("llo"))).isTrue();

        assertThat(assembler.take()).asString(StandardCharsets.UTF_8).isEqualTo("hello");
        assertThat(assembler.isBusy()).isFalse();
    }

    @Test
    void anEmptyBodyNeedsNoBodyFrame() {
        assembler.begin(RETURN);
        assertThat(assembler.header(0)).isTrue();
        assertThat(assembler.take()).isEmpty();
    }

    @Test
    void assemblesBodyFramesOfAnySize() {
        Random random = new Random(7);
        for (int round = 0; round < 50; round++) {
            byte[] body = new byte[1 + random.nextInt(300_000)];
            random.nextBytes(body);
            assembler.begin(RETURN);
            boolean complete = assembler.header(body.length);
            for (int at = 0; at < body.length; ) {
                assertThat(complete).isFalse();
                int length = Math.min(body.length - at, random.nextInt(100_000));
                complete = body(ByteBuffer.wrap(body, at, length));
                at += length;
            }
            assertThat(complete).isTrue();
            assertThat(assembler.take()).isEqualTo(body);
        }
    }

    @Test
    void framesOutOfOrderAreRefused() {
        assertThatThrownBy(() -> assembler.header(1)).isInstanceOf(OutOfOrderException.class);
        assertThatThrownBy(() -> body(bytes("x"))).isInstanceOf(OutOfOrderException.class);
        assembler.begin(RETURN);
        assertThatThrownBy(() -> body(bytes("x"))).isInstanceOf(OutOfOrderException.class);
        assertThatThrownBy(() -> assembler.begin("basic.deliver"))
                .isInstanceOf(OutOfOrderException.class)
                .hasMessage("basic.deliver inside the content of basic.return (expected: its frames)");
        assembler.header(1);
        assertThatThrownBy(() -> assembler.header(1)).isInstanceOf(OutOfOrderException.class);
        assertThatThrownBy(() -> body(bytes("xy")))
                .isInstanceOf(OutOfOrderException.class)
                .hasMessage("body: 2 bytes (expected: 1 as its header says)");
    }

    @Test
    void incompleteBodiesOfAllChannelsShareABudget() {
        BodyBudget budget = new BodyBudget(100_000);
        ContentAssembler first = new ContentAssembler(100_000, budget);
        ContentAssembler second = new ContentAssembler(100_000, budget);
        first.begin(RETURN);
        first.header(90_000);
        second.begin(RETURN);
        second.header(20_000);
        assertThat(budget.used()).isEqualTo(64 * 1024 + 20_000);
        assertThat(first.bodyBuffer(90_000)).as("over the budget").isNull();
        assertThat(first.bodyRefusal())
                .isEqualTo("body size: 90000, beside incomplete bodies on other channels (expected: <= 100000"
                        + " together)");
        assertThat(budget.used()).isEqualTo(20_000);
        assertThat(first.added(90_000)).isTrue();
        assertThat(first.take()).isNull();
        assertThat(second.bodyBuffer(20_000)).isNotNull();
        assertThat(second.added(20_000)).isTrue();
        assertThat(second.take()).hasSize(20_000);
        assertThat(budget.used()).isZero();

        first.begin(RETURN);
        first.header(90_000);
        assertThat(first.bodyBuffer(90_000)).as("next body").isNotNull();
        first.reset();
        assertThat(budget.used()).isZero();
    }

    @Test
    void bodyOverTheLimitIsCountedAndNotKept() {
        ContentAssembler small = new ContentAssembler(10);
        small.begin(RETURN);
        assertThat(small.header(11)).isFalse();
        assertThat(small.bodyBuffer(4)).isNull();
        assertThat(small.added(4)).isFalse();
        assertThatThrownBy(() -> small.bodyBuffer(8)).hasMessage("body: 12 bytes (expected: 11 as its header says)");
        assertThat(small.bodyBuffer(7)).isNull();
        assertThat(small.added(7)).isTrue();
        assertThat(small.take()).isNull();
        assertThat(small.bodyRefusal())
                .isEqualTo("body size: 11 (expected: <= 10, ConnectionOptions.maxInboundMessageSize)");

        small.begin(RETURN);
        assertThat(small.header(0)).isTrue();
        assertThat(small.bodyRefusal()).isNull();
        assertThat(small.take()).isEmpty();
    }

    @Test
    void bodySizeIsUnsigned() {
        for (long size : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32}) {
            assembler.begin(RETURN);
            assertThat(assembler.header(size)).isFalse();
            assertThat(assembler.bodyBuffer(Integer.MAX_VALUE)).isNull();
            assertThat(assembler.added(Integer.MAX_VALUE)).isFalse();
            assertThat(assembler.bodyRefusal()).startsWith("body size: " + Long.toUnsignedString(size) + " ");
            assembler.reset();
        }
    }

    @Test
    void allocatesForReceivedBytesAndNotForTheStatedSize() {
        long before = allocated();
        assembler.begin(RETURN);
        assertThat(assembler.header(100_000_000)).isFalse();
        assertThat(body(ByteBuffer.wrap(new byte[1000]))).isFalse();
        assertThat(allocated() - before).isLessThan(1_000_000);
    }

    @Test
    void acceptsAContentAfterAReset() {
        assembler.begin(RETURN);
        assertThat(assembler.header(10)).isFalse();
        assembler.reset();
        assertThat(assembler.isBusy()).isFalse();
        assembler.begin(RETURN);
        assertThat(assembler.header(0)).isTrue();
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private boolean body(ByteBuffer part) {
        int length = part.remaining();
        part.get(assembler.bodyBuffer(length), assembler.filled(), length);
        return assembler.added(length);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
