package dev.holdfast.internal.transport;

import io.netty.buffer.ByteBuf;

/** Where whole frames go: a link, or what a test puts in its place. Event loop only. */
public interface FrameWriter {
    /** Whether the send queue has room. */
    boolean isWritable();

    /** Takes over a buffer of whole frames, without flushing. */
    void write(ByteBuf frames);

    /** Sends what was written. */
    void flush();
}
