/**
 * The layout of frames, and whole messages encoded in one go.
 *
 * <p>Starting points: {@link dev.holdfast.internal.frame.FrameFormat} draws a frame;
 * {@link dev.holdfast.internal.frame.PublishTemplate} writes a publish.
 */
@NullMarked
package dev.holdfast.internal.frame;

import org.jspecify.annotations.NullMarked;
