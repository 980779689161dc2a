/**
 * The receive path: frames of a channel, deliveries in batches, and back-pressure to the broker. Does not depend on
 * {@code publish}.
 *
 * <p>Starting points: {@link dev.holdfast.internal.inbound.ChannelReader} decodes the frames of one channel,
 * {@link dev.holdfast.internal.inbound.AutoRead} switches reading of the socket off and on.
 */
@NullMarked
package dev.holdfast.internal.inbound;

import org.jspecify.annotations.NullMarked;
