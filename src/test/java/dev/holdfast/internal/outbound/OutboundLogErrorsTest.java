package dev.holdfast.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.transport.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Errors inside the log end the link, and leave no bytes for the next one. */
class OutboundLogErrorsTest {
    private final EmbeddedChannel embedded = new EmbeddedChannel();
    private final List<Throwable> failures = new ArrayList<>();
    private final OutboundLog log = new OutboundLog(
            embedded.eventLoop(),
            UnpooledByteBufAllocator.DEFAULT,
            new OutboundLog.DrainListener() {
                @Override
                public void drained() {}

                @Override
                public void failed(Throwable cause) {
                    failures.add(cause);
                    log().lock();
                    try {
                        log().linkLost();
                        log().discardUnsent();
                    } finally {
                        log().unlock();
                    }
                }
            },
            ConnectionEvents.withoutListener());

    private OutboundLog log() {
        return log;
    }

    @AfterEach
    void close() {
        log.lock();
        try {
            log.linkLost();
            log.discardUnsent();
        } finally {
            log.unlock();
        }
        log.close();
        embedded.close();
    }

    @Test
    void bytesOfADrainThatFailedAreNotWrittenToTheNextLink() {
        OutOfMemoryError error = new OutOfMemoryError("in a test");
        log.open(new Writer(error));
        for (int i = 0; i < 3; i++) { // each has a segment of its own
            append(SegmentLog.SEGMENT_BYTES, 'a');
        }
        embedded.runPendingTasks();
        assertThat(failures).containsExactly(error);

        Writer next = new Writer(null);
        log.open(next);
        append(10, 'b');
        embedded.runPendingTasks();
        assertThat(next.written).isEqualTo("b".repeat(10));
        assertThat(failures).hasSize(1);
    }

    @Test
    void guardedTaskThatThrowsEndsTheLink() {
        StackOverflowError error = new StackOverflowError();
        log.guarded(() -> {
                    throw error;
                })
                .run();

        assertThat(failures).containsExactly(error);
    }

    private void append(int length, char octet) {
        ByteBuf frames = Unpooled.copiedBuffer(String.valueOf(octet).repeat(length), US_ASCII);
        assertThat(log.append(frames)).isTrue();
    }

    /** A link that throws in the first write, or collects what is written. */
    private static final class Writer implements FrameWriter {
        private final @Nullable OutOfMemoryError error;
        private String written = "";

        Writer(@Nullable OutOfMemoryError error) {
            this.error = error;
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void write(ByteBuf frames) {
            if (error != null) {
                frames.release();
                throw error;
            }
            written += frames.toString(US_ASCII);
            frames.release();
        }

        @Override
        public void flush() {}
    }
}
