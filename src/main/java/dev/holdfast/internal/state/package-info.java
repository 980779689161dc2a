/**
 * Pure state machines and rules: no I/O, no clock, no logging, no threads, no Netty transport. Each takes an event and
 * returns the action that is to follow.
 *
 * <p>Starting points: {@link dev.holdfast.internal.state.ChannelState} holds the states of a channel,
 * {@link dev.holdfast.internal.state.RpcQueue} orders the synchronous methods of a channel,
 * {@link dev.holdfast.internal.state.ContentAssembler} builds a message from its frames.
 */
@NullMarked
package dev.holdfast.internal.state;

import org.jspecify.annotations.NullMarked;
