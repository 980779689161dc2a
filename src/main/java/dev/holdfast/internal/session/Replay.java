package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.MessageRecord;
import io.netty.buffer.ByteBuf;

/** Copies a held message to the end of the outbound log. Only window records are ever copied: no ack, no control frame. */
final class Replay {
    private Replay() {}

    /** The message moves into the log's order, with the channel and the frame size of the day. Needs the lock. */
    static void copy(PublishState state, long position) {
        MessageRecord record = state.window.record(position);
        int length = Math.toIntExact(record.copyLength(state.frameMax));
        Segment to;
        int offset;
        if (length > Segments.SIZE) {
            ByteBuf large = state.segments.largeBuffer(length);
            record.copyTo(large, state.channel, state.frameMax);
            to = state.segments.link(large);
            offset = 0;
        } else {
            to = state.segments.room(length);
            offset = to.buffer.writerIndex();
            record.copyTo(to.buffer, state.channel, state.frameMax);
        }
        state.segments.resolved(state.window.move(position, to, offset, length), 1);
    }
}
