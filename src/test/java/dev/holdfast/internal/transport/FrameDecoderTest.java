package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.internal.wire.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
    private static final int MAX_FRAME = 4096;

    private final RecordingFrameListener listener = new RecordingFrameListener();
    private final FrameDecoder decoder = new FrameDecoder(MAX_FRAME, listener);
    private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

    @AfterEach
    void releaseAll() {
        channel.finishAndReleaseAll();
    }

    @Test
    void framesAreIndependentOfTheCutOfTheBytes() {
        byte[] bytes = ByteBufUtil.getBytes(threeFrames());
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        assertThat(listener.frames).hasSize(3).element(1).isEqualTo("3 1 0102");
        for (int cut = 1; cut < bytes.length; cut++) {
            RecordingFrameListener pieces = new RecordingFrameListener();
            EmbeddedChannel cutChannel = new EmbeddedChannel(new FrameDecoder(MAX_FRAME, pieces));
            cutChannel.writeInbound(Unpooled.copiedBuffer(bytes, 0, cut));
            cutChannel.writeInbound(Unpooled.copiedBuffer(bytes, cut, bytes.length - cut));
            assertThat(pieces.frames).as("cut at %d", cut).isEqualTo(listener.frames);
            cutChannel.finishAndReleaseAll();
        }
    }

    @Test
    void framesAreDecodedByteByByte() {
        byte[] bytes = ByteBufUtil.getBytes(threeFrames());
        for (byte octet : bytes) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {octet}));
        }
        assertThat(listener.frames).hasSize(3);
    }

    @Test
    void nextFrameFollowsHoweverMuchTheListenerRead() {
        int[] calls = new int[1];
        decoder.listener((type, number, in, length) -> {
            in.skipBytes(Math.min(length, calls[0]++));
            assertThat(in.writerIndex() - in.readerIndex()).isLessThanOrEqualTo(length);
        });
        channel.writeInbound(threeFrames(), threeFrames());
        assertThat(calls[0]).isEqualTo(6);
    }

    @Test
    void readCompleteIsFiredOnceForAllFramesOfARead() {
        int[] completes = new int[1];
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
                completes[0]++;
            }
        });
        channel.writeInbound(threeFrames());
        assertThat(completes[0]).isEqualTo(1);
    }

    @Test
    void tooLargeFrameIsRejectedBeforeItsBodyArrives() {
        ByteBuf prefix = Unpooled.buffer().writeByte(3).writeShort(1).writeInt(MAX_FRAME - 7);
        assertViolation(prefix, "frame size: 4097 (expected: <= 4096)");
        assertThat(listener.frames).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void sizeIsUnsigned(int size) {
        assertViolation(Unpooled.buffer().writeByte(1).writeShort(1).writeInt(size), "frame size:");
    }

    @Test
    void largestFrameIsDecodedAndALargerOneAfterTune() {
        ByteBuf full = body(new byte[MAX_FRAME - FrameFormat.OVERHEAD]);
        channel.writeInbound(full);
        assertThat(listener.frames).hasSize(1);
        decoder.frameMax(MAX_FRAME + 1);
        channel.writeInbound(body(new byte[MAX_FRAME - FrameFormat.OVERHEAD + 1]));
        assertThat(listener.frames).hasSize(2);
    }

    @Test
    void methodAndHeaderFramesMayExceedFrameMaxAfterTune() {
        int size = FrameDecoder.MAX_FIXED_FRAME - FrameFormat.OVERHEAD;
        assertViolation(Unpooled.buffer().writeByte(2).writeShort(1).writeInt(MAX_FRAME), "frame size: 4104");
        for (int type : new int[] {FrameFormat.METHOD, FrameFormat.HEADER}) {
            int[] lengths = new int[1];
            FrameDecoder tuned = new FrameDecoder(MAX_FRAME, (each, number, in, length) -> lengths[0] = length);
            EmbeddedChannel tunedChannel = new EmbeddedChannel(tuned);
            tuned.frameMax(MAX_FRAME);
            tunedChannel.writeInbound(
                    Unpooled.buffer().writeByte(type).writeShort(1).writeInt(size));
            byte[] half = new byte[size / 2];
            tunedChannel.writeInbound(Unpooled.wrappedBuffer(half), Unpooled.wrappedBuffer(half));
            assertThat(lengths[0]).isZero();
            tunedChannel.writeInbound(Unpooled.buffer().writeByte(FrameFormat.END));
            assertThat(lengths[0]).isEqualTo(size);
            ByteBuf larger = Unpooled.buffer().writeByte(type).writeShort(1).writeInt(size + 1);
            assertThatThrownBy(() -> tunedChannel.writeInbound(larger))
                    .hasMessage("frame size: 16777217 (expected: <= 16777216)");
            tunedChannel.finishAndReleaseAll();
        }
    }

    @Test
    void wrongEndOctetIsRejected() {
        ByteBuf frame = body(new byte[] {1});
        frame.setByte(frame.writerIndex() - 1, 0xCD);
        assertViolation(frame, "frame end: 0xcd (expected: 0xce)");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 7, 9, 65, 255})
    void unknownTypesAreRejected(int type) {
        assertViolation(
                Unpooled.buffer().writeByte(type).writeShort(0).writeInt(0), "frame type: " + type + " (expected");
    }

    @Test
    void heartbeatOnAnotherChannelIsRejected() {
        assertViolation(Unpooled.buffer().writeByte(8).writeShort(1).writeInt(0), "heartbeat: channel 1");
    }

    @Test
    void nothingIsReadAfterAViolation() {
        assertViolation(Unpooled.buffer().writeByte(9).writeShort(1).writeInt(0), "frame type");
        channel.writeInbound(threeFrames());
        assertThat(listener.frames).isEmpty();
    }

    @Test
    void frameAfterAnExceptionOfTheListenerIsDecoded() {
        decoder.listener((type, number, in, length) -> {
            throw new MalformedException("no");
        });
        ByteBuf frames = threeFrames();
        assertThatThrownBy(() -> channel.writeInbound(frames)).isInstanceOf(MalformedException.class);
        decoder.listener(listener);
        channel.writeInbound(body(new byte[] {9}));
        assertThat(listener.frames).containsExactly("3 1 09");
    }

    private void assertViolation(ByteBuf bytes, String message) {
        assertThatThrownBy(() -> channel.writeInbound(bytes))
                .isInstanceOf(AmqpProtocolException.class)
                .hasMessageStartingWith(message)
                .extracting(e -> ((AmqpProtocolException) e).replyCode())
                .isEqualTo(ReplyCode.FRAME_ERROR);
    }

    private static ByteBuf threeFrames() {
        ByteBuf out = Unpooled.buffer();
        FrameFormat.writeMethod(
                out, 1, new QueueMethods.Declare("video", false, true, false, false, false, Map.of("x-max-length", 7)));
        out.writeBytes(body(new byte[] {1, 2}));
        FrameFormat.writeHeartbeat(out);
        return out;
    }

    private static ByteBuf body(byte[] payload) {
        ByteBuf out = Unpooled.buffer();
        int start = FrameFormat.begin(out, FrameFormat.BODY, 1);
        out.writeBytes(payload);
        FrameFormat.end(out, start);
        return out;
    }
}
