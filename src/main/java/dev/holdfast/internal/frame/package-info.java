/**
 * The layout of frames, and the encoding of a publish as consecutive frames in one buffer.
 *
 * <p>Starting points: {@link dev.holdfast.internal.frame.FrameFormat} shows the layout of a frame;
 * {@link dev.holdfast.internal.frame.PublishTemplate} encodes a publish.
 */
@NullMarked
package dev.holdfast.internal.frame;

import org.jspecify.annotations.NullMarked;
