/**
 * Pure state machines of a channel: no I/O, no clock, no Netty. Each takes an event and says what is to be done.
 *
 * <p>Starting points: {@link dev.holdfast.internal.channel.ChannelLife}, {@link dev.holdfast.internal.channel.RpcQueue},
 * {@link dev.holdfast.internal.channel.ContentAssembler}.
 */
@NullMarked
package dev.holdfast.internal.channel;

import org.jspecify.annotations.NullMarked;
