package dev.holdfast.testkit;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** Counts what one connection publishes, drops it, and confirms it. Nothing here allocates once it runs. */
final class PublishReceiver {
    private final ConfirmMode confirms;
    private final FrameWriter out;
    private final LongAdder totalMessages;
    private final LongAdder totalBytes;

    /** Channels that get an ack at the end of this read. */
    private ServerChannel[] due = new ServerChannel[4];

    private int dueCount;
    private long messages;
    private long bytes;

    PublishReceiver(ConfirmMode confirms, FrameWriter out, LongAdder totalMessages, LongAdder totalBytes) {
        this.confirms = confirms;
        this.out = out;
        this.totalMessages = totalMessages;
        this.totalBytes = totalBytes;
    }

    void publish(ServerChannel channel) throws ProtocolViolationException {
        requireNoContent(channel);
        channel.bodyLeft = ServerChannel.HEADER_EXPECTED;
    }

    void header(ServerChannel channel, long bodySize) throws IOException, ProtocolViolationException {
        if (channel.bodyLeft != ServerChannel.HEADER_EXPECTED) {
            throw unexpected("content header without basic.publish", channel);
        }
        if (bodySize < 0) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.SYNTAX_ERROR, "SYNTAX_ERROR - body size beyond 2^63");
        }
        channel.bodyLeft = bodySize;
        bodyFrameEnd(channel);
    }

    /** A body frame has begun; its end is told by {@link #bodyFrameEnd}. */
    void body(ServerChannel channel, int size) throws ProtocolViolationException {
        if (channel.bodyLeft < 0) {
            throw unexpected("body without content header", channel);
        }
        if (size > channel.bodyLeft) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.FRAME_ERROR,
                    "FRAME_ERROR - body longer than its header said on channel " + channel.number);
        }
        channel.bodyLeft -= size;
        bytes += size;
    }

    void bodyFrameEnd(ServerChannel channel) throws IOException {
        if (channel.bodyLeft != 0) {
            return;
        }
        channel.bodyLeft = ServerChannel.NO_CONTENT;
        messages++;
        if (!channel.confirming) {
            return;
        }
        channel.published++;
        if (confirms == ConfirmMode.PER_MESSAGE) {
            out.ack(channel.number, channel.published, false);
        } else if (confirms == ConfirmMode.PER_READ && !channel.due) {
            channel.due = true;
            if (dueCount == due.length) {
                due = Arrays.copyOf(due, dueCount * 2);
            }
            due[dueCount++] = channel;
        }
    }

    void confirmDue(ServerChannel channel) throws IOException {
        if (channel.due) {
            channel.due = false;
            out.ack(channel.number, channel.published, true);
        }
    }

    /** Counts before it confirms: whoever has seen a confirm finds its message counted. */
    void endRead() throws IOException {
        if (messages != 0 || bytes != 0) {
            totalMessages.add(messages);
            totalBytes.add(bytes);
            messages = 0;
            bytes = 0;
        }
        for (int i = 0; i < dueCount; i++) {
            confirmDue(due[i]);
        }
        dueCount = 0;
        out.flush();
    }

    /** Only content frames may follow basic.publish. */
    void requireNoContent(ServerChannel channel) throws ProtocolViolationException {
        if (channel.bodyLeft != ServerChannel.NO_CONTENT) {
            throw unexpected("method inside of content", channel);
        }
    }

    private static ProtocolViolationException unexpected(String what, ServerChannel channel) {
        return new ProtocolViolationException(
                ProtocolViolationException.UNEXPECTED_FRAME,
                "UNEXPECTED_FRAME - " + what + " on channel " + channel.number);
    }
}
