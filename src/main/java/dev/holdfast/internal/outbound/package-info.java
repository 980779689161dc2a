/**
 * The send path: a log of pooled segments that is both the send buffer and the source of retransmission, the window of
 * unconfirmed publishes that indexes it, write coalescing, and the counters that the log maintains.
 *
 * <p>Starting points: {@link dev.holdfast.internal.outbound.OutboundLog} accepts bytes and drains them to the
 * transport; {@link dev.holdfast.internal.outbound.ConfirmWindow} holds one entry for each publish without an outcome.
 */
@NullMarked
package dev.holdfast.internal.outbound;

import org.jspecify.annotations.NullMarked;
