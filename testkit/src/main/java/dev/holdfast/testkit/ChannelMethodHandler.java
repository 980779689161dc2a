package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;

/**
 * Replies to the methods on all channels except 0 as if every exchange and queue existed. All queues are empty, except
 * the prepared ones of {@link DeliveryStream}.
 */
final class ChannelMethodHandler {
    private final ChannelTable channels;
    private final FrameWriter out;
    private final IntSupplier frameMax;
    private int generatedNames;

    ChannelMethodHandler(ChannelTable channels, FrameWriter out, IntSupplier frameMax) {
        this.channels = channels;
        this.out = out;
        this.frameMax = frameMax;
    }

    /** Handles one method; {@code in} is limited to its arguments. */
    void handle(int id, int channel, ByteBuffer in) throws IOException, ProtocolViolationException {
        switch (id >>> 16) {
            case 20 -> channelClass(id, channel);
            case 40 -> exchangeClass(id, channel, in);
            case 50 -> queueClass(id, channel, in);
            case 60 -> basicClass(id, channel, in);
            case 85, 90 -> transactionClass(id, channel, in);
            default -> throw notImplemented(id);
        }
    }

    private void channelClass(int id, int channel) throws IOException, ProtocolViolationException {
        switch (id) {
            case MethodIds.CHANNEL_OPEN -> {
                channels.open(channel);
                out.begin(channel, MethodIds.CHANNEL_OPEN_OK).longInt(0).end();
            }
            case MethodIds.CHANNEL_FLOW -> {
                channels.require(channel);
                out.begin(channel, MethodIds.CHANNEL_FLOW_OK).octet(1).end();
            }
            case MethodIds.CHANNEL_FLOW_OK -> channels.require(channel);
            case MethodIds.CHANNEL_CLOSE -> {
                channels.close(channel);
                out.begin(channel, MethodIds.CHANNEL_CLOSE_OK).end();
            }
            case MethodIds.CHANNEL_CLOSE_OK -> channels.close(channel);
            default -> throw notImplemented(id);
        }
    }

    private void exchangeClass(int id, int channel, ByteBuffer in) throws IOException, ProtocolViolationException {
        in.getShort();
        switch (id) {
            case MethodIds.EXCHANGE_DECLARE -> {
                skipShortStrings(in, 2);
                okUnlessNoWait(in, 4, channel, MethodIds.EXCHANGE_DECLARE_OK);
            }
            case MethodIds.EXCHANGE_DELETE -> {
                skipShortStrings(in, 1);
                okUnlessNoWait(in, 1, channel, MethodIds.EXCHANGE_DELETE_OK);
            }
            case MethodIds.EXCHANGE_BIND -> {
                skipShortStrings(in, 3);
                okUnlessNoWait(in, 0, channel, MethodIds.EXCHANGE_BIND_OK);
            }
            case MethodIds.EXCHANGE_UNBIND -> {
                skipShortStrings(in, 3);
                okUnlessNoWait(in, 0, channel, MethodIds.EXCHANGE_UNBIND_OK);
            }
            default -> throw notImplemented(id);
        }
    }

    private void queueClass(int id, int channel, ByteBuffer in) throws IOException, ProtocolViolationException {
        in.getShort();
        String queue = shortString(in);
        switch (id) {
            case MethodIds.QUEUE_DECLARE -> {
                if (!bit(in, 4)) {
                    out.begin(channel, MethodIds.QUEUE_DECLARE_OK)
                            .shortString(queue.isEmpty() ? "amq.gen-" + ++generatedNames : queue)
                            .longInt(0)
                            .longInt(0)
                            .end();
                }
            }
            case MethodIds.QUEUE_BIND -> {
                skipShortStrings(in, 2);
                okUnlessNoWait(in, 0, channel, MethodIds.QUEUE_BIND_OK);
            }
            case MethodIds.QUEUE_UNBIND -> ok(channel, MethodIds.QUEUE_UNBIND_OK);
            case MethodIds.QUEUE_PURGE -> countOkUnlessNoWait(in, 0, channel, MethodIds.QUEUE_PURGE_OK);
            case MethodIds.QUEUE_DELETE -> countOkUnlessNoWait(in, 2, channel, MethodIds.QUEUE_DELETE_OK);
            default -> throw notImplemented(id);
        }
    }

    private void basicClass(int id, int channel, ByteBuffer in) throws IOException, ProtocolViolationException {
        switch (id) {
            case MethodIds.BASIC_QOS -> ok(channel, MethodIds.BASIC_QOS_OK);
            case MethodIds.BASIC_CONSUME -> {
                in.getShort();
                String queue = shortString(in);
                String requestedTag = shortString(in);
                String tag = requestedTag.isEmpty() ? "amq.ctag-" + ++generatedNames : requestedTag;
                tagOkUnlessNoWait(in, 3, channel, MethodIds.BASIC_CONSUME_OK, tag);
                startStream(queue, channel, tag);
            }
            case MethodIds.BASIC_CANCEL -> {
                String tag = shortString(in);
                stopStream(channels.require(channel), tag);
                tagOkUnlessNoWait(in, 0, channel, MethodIds.BASIC_CANCEL_OK, tag);
            }
            case MethodIds.BASIC_GET ->
                out.begin(channel, MethodIds.BASIC_GET_EMPTY).shortString("").end();
            case MethodIds.BASIC_RECOVER -> ok(channel, MethodIds.BASIC_RECOVER_OK);
            case MethodIds.BASIC_ACK, MethodIds.BASIC_NACK, MethodIds.BASIC_REJECT, MethodIds.BASIC_RECOVER_ASYNC -> {}
            default -> throw notImplemented(id);
        }
    }

    private void startStream(String queue, int number, String tag) throws IOException, ProtocolViolationException {
        ServerChannel channel = channels.require(number);
        DeliveryStream stream = DeliveryStream.of(queue, out, number, tag, frameMax.getAsInt());
        if (stream != null) {
            stopStream(channel, tag);
            channel.streams.put(tag, stream);
            out.flush(); // consume-ok precedes the first delivery
            DaemonThreads.start(stream, "discarding-broker-deliver");
        }
    }

    private static void stopStream(ServerChannel channel, String tag) {
        DeliveryStream stream = channel.streams.remove(tag);
        if (stream != null) {
            stream.stop();
        }
    }

    private void transactionClass(int id, int channel, ByteBuffer in) throws IOException, ProtocolViolationException {
        switch (id) {
            case MethodIds.CONFIRM_SELECT -> {
                channels.require(channel).confirmSelected = true;
                okUnlessNoWait(in, 0, channel, MethodIds.CONFIRM_SELECT_OK);
            }
            case MethodIds.TX_SELECT -> ok(channel, MethodIds.TX_SELECT_OK);
            case MethodIds.TX_COMMIT -> ok(channel, MethodIds.TX_COMMIT_OK);
            case MethodIds.TX_ROLLBACK -> ok(channel, MethodIds.TX_ROLLBACK_OK);
            default -> throw notImplemented(id);
        }
    }

    private void ok(int channel, int okId) throws IOException {
        out.begin(channel, okId).end();
    }

    private void okUnlessNoWait(ByteBuffer in, int noWaitBit, int channel, int okId) throws IOException {
        if (!bit(in, noWaitBit)) {
            ok(channel, okId);
        }
    }

    private void countOkUnlessNoWait(ByteBuffer in, int noWaitBit, int channel, int okId) throws IOException {
        if (!bit(in, noWaitBit)) {
            out.begin(channel, okId).longInt(0).end();
        }
    }

    private void tagOkUnlessNoWait(ByteBuffer in, int noWaitBit, int channel, int okId, String tag) throws IOException {
        if (!bit(in, noWaitBit)) {
            out.begin(channel, okId).shortString(tag).end();
        }
    }

    private static boolean bit(ByteBuffer in, int index) {
        return (in.get() >> index & 1) != 0;
    }

    private static void skipShortStrings(ByteBuffer in, int count) {
        for (int i = 0; i < count; i++) {
            int length = in.get() & 0xFF;
            in.position(in.position() + length);
        }
    }

    private static String shortString(ByteBuffer in) {
        byte[] bytes = new byte[in.get() & 0xFF];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }

    private static ProtocolViolationException notImplemented(int id) {
        return new ProtocolViolationException(
                ProtocolViolationException.NOT_IMPLEMENTED,
                "NOT_IMPLEMENTED - method " + (id >>> 16) + "." + (id & 0xFFFF));
    }
}
