/**
 * Channels that outlive their sockets: the mode, publisher and consumers of a channel, its synchronous methods, and
 * its state on the wire of the current link.
 *
 * <p>Starting points: {@link dev.holdfast.internal.channel.RecoveringChannel} is the channel that the API uses,
 * {@link dev.holdfast.internal.channel.WireChannel} is that channel on one link.
 */
@NullMarked
package dev.holdfast.internal.channel;

import org.jspecify.annotations.NullMarked;
