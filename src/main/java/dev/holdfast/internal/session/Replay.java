package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.Segment;
import dev.holdfast.internal.outbound.SegmentLog;
import dev.holdfast.internal.publish.PublishState;

/** Copies a held message to the end of the outbound log. Only window records are ever copied: no ack, no control frame. */
public final class Replay {
    private Replay() {}

    /** The message moves into the log's order, with the channel and the frame size of the day. Needs the lock. */
    public static void copy(PublishState state, long position) {
        MessageRecord record = state.window.record(position);
        int length = Math.toIntExact(record.copyLength(state.frameMax));
        Segment to;
        int offset;
        if (length > SegmentLog.SEGMENT_BYTES) {
            to = state.segments.newSegment(length);
            offset = 0;
            record.copyTo(to.appendBuffer(), state.channel, state.frameMax);
            state.segments.append(to);
        } else {
            to = state.segments.reserve(length);
            offset = to.length();
            record.copyTo(to.appendBuffer(), state.channel, state.frameMax);
        }
        state.segments.resolved(state.window.move(position, to, offset, length), 1);
    }
}
