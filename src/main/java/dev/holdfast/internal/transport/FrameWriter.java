package dev.holdfast.internal.transport;

import io.netty.buffer.ByteBuf;

/** Writes frames to the peer; implemented by {@link Link}, and by tests and benchmarks. Event loop only. */
public interface FrameWriter {
    /** Whether the send queue has room. */
    boolean isWritable();

    /** Writes a buffer of complete frames, which it releases; does not flush. */
    void write(ByteBuf frames);

    /** Sends the written frames. */
    void flush();
}
