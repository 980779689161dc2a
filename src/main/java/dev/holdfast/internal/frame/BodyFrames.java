package dev.holdfast.internal.frame;

/** How a body is cut into frames: each carries at most the frame size less its own eight octets. */
final class BodyFrames {
    private BodyFrames() {}

    static long encodedLength(long bodyLength, int frameMax) {
        int most = frameMax - FrameFormat.OVERHEAD;
        if (bodyLength > 0 && bodyLength <= most) {
            return bodyLength + FrameFormat.OVERHEAD; // the usual message is spared the division
        }
        long frames = (bodyLength + most - 1) / most;
        return bodyLength + frames * FrameFormat.OVERHEAD;
    }
}
