package dev.holdfast.internal.transport;

import io.netty.buffer.ByteBuf;

/** Takes frames where they lie in the receive buffer, so that a frame costs no object. */
@FunctionalInterface
public interface FrameListener {
    /**
     * Called for each whole frame. The payload is the readable bytes of {@code in}, {@code length} of them, valid only
     * during the call; how many are read does not matter. An exception ends the connection.
     */
    void frame(int type, int channel, ByteBuf in, int length);
}
