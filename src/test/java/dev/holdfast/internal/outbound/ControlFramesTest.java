package dev.holdfast.internal.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.transport.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limit of queued frames other than publishes, also for a transport that takes some of them now and then. */
class ControlFramesTest {
    private static final int LIMIT = 64 << 20;
    private static final int FRAME = 32 << 10;

    private final EmbeddedChannel embedded = new EmbeddedChannel();
    private final List<Throwable> failures = new ArrayList<>();
    private final OutboundLog log = new OutboundLog(
            embedded.eventLoop(),
            new UnpooledByteBufAllocator(false),
            new OutboundLog.DrainListener() {
                @Override
                public void drained() {}

                @Override
                public void failed(Throwable cause) {
                    failures.add(cause);
                }
            },
            ConnectionEvents.withoutListener());

    /** How many more flushes the transport takes. */
    private int flushes;

    private long sent;

    @BeforeEach
    void open() {
        log.open(new FrameWriter() {
            @Override
            public boolean isWritable() {
                return flushes > 0;
            }

            @Override
            public void write(ByteBuf frames) {
                sent += frames.readableBytes();
                frames.release();
            }

            @Override
            public void flush() {
                flushes--;
            }
        });
    }

    @AfterEach
    void close() {
        loseLink();
        log.close();
        embedded.close();
    }

    private void loseLink() {
        log.lock();
        try {
            log.linkLost();
            log.discardUnsent();
        } finally {
            log.unlock();
        }
    }

    private boolean append() {
        return log.append(Unpooled.buffer(FRAME).writeZero(FRAME));
    }

    private long appendAll() {
        long appended = 0;
        while (append()) {
            appended += FRAME;
        }
        return appended;
    }

    @Test
    void bytesThatWereTransferredMakeRoom() {
        for (int i = 0; i < LIMIT / FRAME; i++) {
            assertThat(append()).isTrue();
        }
        embedded.runPendingTasks();
        flushes = 4;
        log.writable();
        embedded.runPendingTasks();
        assertThat(sent).isBetween(4L * 512 * 1024, 5L * 512 * 1024);
        long appended = appendAll();
        embedded.runPendingTasks();
        assertThat(appended).isBetween(sent - 64 * 1024, sent);
        assertThat(failures).hasSize(1).first().asString().contains("the broker does not read: more than 67108864");
        assertThat(append()).isFalse();
        embedded.runPendingTasks();
        assertThat(failures).as("reported once").hasSize(1);
    }

    @Test
    void nextLinkHasTheWholeLimit() {
        assertThat(appendAll()).isEqualTo(LIMIT);
        embedded.runPendingTasks();
        loseLink();
        open();
        assertThat(appendAll()).isEqualTo(LIMIT);
        embedded.runPendingTasks();
        assertThat(failures).hasSize(2);
    }
}
