package dev.holdfast.internal.transport;

import io.netty.buffer.ByteBuf;

/** Receives frames in place, in the receive buffer, so that a frame needs no object. */
@FunctionalInterface
public interface FrameListener {
    /**
     * Called for each complete frame. The payload is the {@code length} readable bytes of {@code in}, valid only during
     * the call; the listener need not read all of them. An exception closes the connection.
     */
    void frame(int type, int channel, ByteBuf in, int length);
}
