package dev.holdfast.testkit;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts, drops and confirms the messages that one connection publishes. Allocates only when more channels than before
 * are due for an ack in one read.
 */
final class PublishReceiver {
    private final ConfirmMode confirms;
    private final FrameWriter out;
    private final LongAdder totalMessages;
    private final LongAdder totalBytes;

    /** Channels that are due for an ack at the end of this read. */
    private ServerChannel[] ackDue = new ServerChannel[4];

    private int ackDueCount;
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
        channel.remainingBody = ServerChannel.HEADER_EXPECTED;
    }

    void header(ServerChannel channel, long bodySize) throws IOException, ProtocolViolationException {
        if (channel.remainingBody != ServerChannel.HEADER_EXPECTED) {
            throw unexpected("content header without basic.publish", channel);
        }
        if (bodySize < 0) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.SYNTAX_ERROR, "SYNTAX_ERROR - body size beyond 2^63");
        }
        channel.remainingBody = bodySize;
        endBodyFrame(channel);
    }

    /** Begins a body frame; {@link #endBodyFrame} ends it. */
    void body(ServerChannel channel, int size) throws ProtocolViolationException {
        if (channel.remainingBody < 0) {
            throw unexpected("body without content header", channel);
        }
        if (size > channel.remainingBody) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.FRAME_ERROR,
                    "FRAME_ERROR - body longer than its header declares on channel " + channel.number);
        }
        channel.remainingBody -= size;
        bytes += size;
    }

    void endBodyFrame(ServerChannel channel) throws IOException {
        if (channel.remainingBody != 0) {
            return;
        }
        channel.remainingBody = ServerChannel.NO_CONTENT;
        messages++;
        if (!channel.confirmSelected) {
            return;
        }
        channel.publishSeqNo++;
        if (confirms == ConfirmMode.PER_MESSAGE) {
            out.ack(channel.number, channel.publishSeqNo, false);
        } else if (confirms == ConfirmMode.PER_READ && !channel.ackDue) {
            channel.ackDue = true;
            if (ackDueCount == ackDue.length) {
                ackDue = Arrays.copyOf(ackDue, ackDueCount * 2);
            }
            ackDue[ackDueCount++] = channel;
        }
    }

    void sendDueAck(ServerChannel channel) throws IOException {
        if (channel.ackDue) {
            channel.ackDue = false;
            out.ack(channel.number, channel.publishSeqNo, true);
        }
    }

    /** Counts messages before it confirms them: a message whose confirm a client has received is counted. */
    void endOfRead() throws IOException {
        if (messages != 0 || bytes != 0) {
            totalMessages.add(messages);
            totalBytes.add(bytes);
            messages = 0;
            bytes = 0;
        }
        for (int i = 0; i < ackDueCount; i++) {
            sendDueAck(ackDue[i]);
        }
        ackDueCount = 0;
        out.flush();
    }

    /** Checks that no content is being received: only content frames may follow basic.publish. */
    void requireNoContent(ServerChannel channel) throws ProtocolViolationException {
        if (channel.remainingBody != ServerChannel.NO_CONTENT) {
            throw unexpected("method inside content", channel);
        }
    }

    private static ProtocolViolationException unexpected(String detail, ServerChannel channel) {
        return new ProtocolViolationException(
                ProtocolViolationException.UNEXPECTED_FRAME,
                "UNEXPECTED_FRAME - " + detail + " on channel " + channel.number);
    }
}
