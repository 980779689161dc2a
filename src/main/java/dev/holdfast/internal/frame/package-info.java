/**
 * The layout of frames: what goes between the primitives of the wire and a connection. No I/O here.
 *
 * <p>Starting points: {@link dev.holdfast.internal.frame.FrameFormat}.
 */
@NullMarked
package dev.holdfast.internal.frame;

import org.jspecify.annotations.NullMarked;
