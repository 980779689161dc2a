package dev.holdfast.testkit;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** Counts what one connection publishes, drops it, and confirms it. Nothing here allocates once it runs. */
final class PublishIntake {
    private final ConfirmMode confirms;
    private final FrameWriter out;
    private final LongAdder totalMessages;
    private final LongAdder totalBytes;

    /** Channels that get an ack at the end of this read. */
    private PublishChannel[] due = new PublishChannel[4];

    private int dueCount;
    private long messages;
    private long bytes;

    PublishIntake(ConfirmMode confirms, FrameWriter out, LongAdder totalMessages, LongAdder totalBytes) {
        this.confirms = confirms;
        this.out = out;
        this.totalMessages = totalMessages;
        this.totalBytes = totalBytes;
    }

    void publish(PublishChannel channel) throws Violation {
        requireNoContent(channel);
        channel.bodyLeft = PublishChannel.HEADER_EXPECTED;
    }

    void header(PublishChannel channel, long bodySize) throws IOException, Violation {
        if (channel.bodyLeft != PublishChannel.HEADER_EXPECTED) {
            throw unexpected("content header without basic.publish", channel);
        }
        if (bodySize < 0) {
            throw new Violation(Violation.SYNTAX_ERROR, "SYNTAX_ERROR - body size beyond 2^63");
        }
        channel.bodyLeft = bodySize;
        bodyFrameEnd(channel);
    }

    /** A body frame has begun; its end is told by {@link #bodyFrameEnd}. */
    void body(PublishChannel channel, int size) throws Violation {
        if (channel.bodyLeft < 0) {
            throw unexpected("body without content header", channel);
        }
        if (size > channel.bodyLeft) {
            throw new Violation(
                    Violation.FRAME_ERROR,
                    "FRAME_ERROR - body longer than its header said on channel " + channel.number);
        }
        channel.bodyLeft -= size;
        bytes += size;
    }

    void bodyFrameEnd(PublishChannel channel) throws IOException {
        if (channel.bodyLeft != 0) {
            return;
        }
        channel.bodyLeft = PublishChannel.NO_CONTENT;
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

    void confirmDue(PublishChannel channel) throws IOException {
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
    void requireNoContent(PublishChannel channel) throws Violation {
        if (channel.bodyLeft != PublishChannel.NO_CONTENT) {
            throw unexpected("method inside of content", channel);
        }
    }

    private static Violation unexpected(String what, PublishChannel channel) {
        return new Violation(
                Violation.UNEXPECTED_FRAME, "UNEXPECTED_FRAME - " + what + " on channel " + channel.number);
    }
}
