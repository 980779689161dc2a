/**
 * The life of a publish from the caller to its one outcome: admission, confirms, time-outs, retries, recovery after the
 * loss of a channel or link, and attribution of broker errors to the message that caused them.
 *
 * <p>Starting points: {@link dev.holdfast.internal.publish.Publisher} accepts a publish,
 * {@link dev.holdfast.internal.publish.ConfirmHandler} applies acks and nacks,
 * {@link dev.holdfast.internal.publish.PublishRecovery} decides what happens when a channel or link is lost.
 */
@NullMarked
package dev.holdfast.internal.publish;

import org.jspecify.annotations.NullMarked;
