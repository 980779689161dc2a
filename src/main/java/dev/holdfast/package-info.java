/**
 * The public API of Holdfast, an AMQP 0-9-1 client: connections, channels, producers, consumers, and their values.
 * Values (options, entities, policies, exceptions) are immutable and do not refer to a connection; their methods that
 * change a property return a copy.
 *
 * <p>Starting points: {@link dev.holdfast.Connection} opens everything else. A {@link dev.holdfast.Producer} publishes,
 * a {@link dev.holdfast.Consumer} receives decoded {@linkplain dev.holdfast.Message messages}, a {@link
 * dev.holdfast.SimpleQueue} does both, a {@link dev.holdfast.Channel} has the methods of the protocol, and {@link
 * dev.holdfast.pool.Pools} share connections and producers between callers. Of the values, {@link
 * dev.holdfast.ConnectionOptions} has the broker's address, {@link dev.holdfast.PublishOptions} the destination and the
 * retry policy of a message, {@link dev.holdfast.ConsumeOptions} the options of a consumer, {@link
 * dev.holdfast.Exchange} and {@link dev.holdfast.Queue} the declarations, {@link dev.holdfast.RetryPolicy} the delays
 * between attempts. {@link dev.holdfast.AmqpException} is the base class of the exceptions.
 */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;
