/**
 * One connection over one socket: TCP or TLS, handshake, frames in and out, heartbeats and the frame log. Exceptions of
 * the pipeline are translated here into typed ones. Channels, recovery and messages are in other packages.
 *
 * <p>Starting points: {@link dev.holdfast.internal.transport.Link} and {@link
 * dev.holdfast.internal.transport.LinkListener}; {@link dev.holdfast.internal.transport.PipelineInitializer} lists the
 * handlers in order.
 */
@NullMarked
package dev.holdfast.internal.transport;

import org.jspecify.annotations.NullMarked;
