/**
 * One physical connection: TCP or TLS, the handshake, frames in and out, heartbeats, the frame log, and the one place
 * where whatever goes wrong becomes a typed exception. Channels, recovery and messages are other packages' business.
 *
 * <p>Starting points: {@link dev.holdfast.internal.transport.Link} and {@link
 * dev.holdfast.internal.transport.LinkListener}; {@link dev.holdfast.internal.transport.Pipeline} shows the handlers in
 * order.
 */
@NullMarked
package dev.holdfast.internal.transport;

import org.jspecify.annotations.NullMarked;
