package dev.holdfast.internal.transport;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.protocol.UnknownMethodException;
import dev.holdfast.internal.wire.MalformedException;
import dev.holdfast.internal.wire.WireReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * Fuzzes the frame decoder: any bytes, in pieces of any size, are either frames or cause one of the exceptions that
 * close a connection. Every test run replays the seeds; {@code JAZZER_FUZZ=1 mvn -pl src -am test
 * -Dtest=FrameDecoderFuzzTest -Dsurefire.failIfNoSpecifiedTests=false} searches for more.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class FrameDecoderFuzzTest {
    private static final int MAX_FRAME = 4096;

    @FuzzTest(maxDuration = "10m")
    void decodesOrRefuses(byte[] data) {
        if (data.length < 2) {
            return;
        }
        int piece = 1 + (data[0] & 0xFF);
        FrameLogger logger = new FrameLogger(line -> {});
        EmbeddedChannel channel =
                new EmbeddedChannel(new FrameDecoder(MAX_FRAME, logger.logging(FrameDecoderFuzzTest::read)));
        for (int i = 1; i < data.length; i += piece) {
            ByteBuf bytes = Unpooled.copiedBuffer(data, i, Math.min(piece, data.length - i));
            expectingRefusals(() -> channel.writeInbound(bytes));
        }
        expectingRefusals(channel::finishAndReleaseAll);
    }

    private static void expectingRefusals(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            if (!isExpected(e)) {
                throw e;
            }
        }
    }

    private static void read(int type, int channel, ByteBuf in, int length) {
        if (type == FrameFormat.METHOD) {
            String unused = FrameFormat.readMethod(in, length).toString();
        } else if (type == FrameFormat.HEADER) {
            WireReader reader = new WireReader(in);
            reader.readLong();
            reader.readLongLong();
            String unused = PropertiesCodec.decode(reader).toString();
        }
    }

    private static boolean isExpected(Throwable cause) {
        return cause instanceof MalformedException
                || cause instanceof UnknownMethodException
                || cause instanceof AmqpProtocolException;
    }
}
