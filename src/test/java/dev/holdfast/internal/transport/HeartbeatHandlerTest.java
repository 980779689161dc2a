package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.HeartbeatTimeoutException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeartbeatHandlerTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void start() {
        channel.freezeTime();
        channel.pipeline().addLast(new HeartbeatHandler(10));
    }

    @AfterEach
    void releaseAll() {
        channel.finishAndReleaseAll();
    }

    @Test
    void heartbeatIsSentAfterHalfAnIntervalWithoutAWrite() {
        pass(4900);
        assertThat(heartbeats()).isZero();
        pass(100);
        assertThat(heartbeats()).isEqualTo(1);
        pass(5000);
        assertThat(heartbeats()).isEqualTo(1);
    }

    @Test
    void writesReplaceHeartbeats() {
        for (int i = 0; i < 10; i++) {
            pass(1900);
            receiveByte();
            channel.writeOutbound(Unpooled.wrappedBuffer(new byte[] {1}));
        }
        assertThat(heartbeats()).isZero();
        pass(5000);
        assertThat(heartbeats()).isEqualTo(1);
    }

    @Test
    void connectionTimesOutAfterTwoIntervalsOfSilence() {
        pass(19_900);
        channel.checkException();
        pass(100);
        pass(20);
        assertThatThrownBy(channel::checkException)
                .isInstanceOf(HeartbeatTimeoutException.class)
                .hasMessage("nothing received from the broker for 20 s (heartbeat interval: 10 s)");
    }

    @Test
    void anyByteCountsAsHeartbeat() {
        for (int i = 0; i < 5; i++) {
            pass(19_000);
            receiveByte();
        }
        channel.checkException();
    }

    @Test
    void bytesReadAfterALongTaskPreventTheTimeout() {
        channel.advanceTimeBy(60, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        receiveByte();
        pass(1000);
        channel.checkException();
    }

    @Test
    void timerStopsWithTheConnection() {
        channel.close();
        pass(100_000);
        channel.checkException();
        assertThat(heartbeats()).isZero();
    }

    private void receiveByte() {
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {8}));
        channel.<ByteBuf>readInbound().release();
    }

    private void pass(long millis) {
        for (long step = 0; step < millis; step += 10) {
            channel.advanceTimeBy(10, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private int heartbeats() {
        int count = 0;
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            count += ByteBufUtil.hexDump(out).equals("08000000000000ce") ? 1 : 0;
            out.release();
        }
        return count;
    }
}
