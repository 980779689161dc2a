/**
 * The public API of Holdfast, an AMQP 0-9-1 client: connections, channels, producers, consumers, and the values that they
 * take and give. Values (options, entities, policies, errors) are immutable, are changed by withers that return a copy,
 * and never refer to a connection.
 *
 * <p>Starting points: {@link dev.holdfast.Connection} opens everything else. A {@link dev.holdfast.Producer} publishes, a
 * {@link dev.holdfast.Consumer} receives {@linkplain dev.holdfast.Message messages} decoded, a {@link
 * dev.holdfast.SimpleQueue} does both, a {@link dev.holdfast.Channel} is the protocol as it is, and {@link
 * dev.holdfast.pool.Pools} lend them to many callers. Of the values, {@link dev.holdfast.ConnectionOptions} tells where the
 * broker is, {@link dev.holdfast.PublishOptions} where a message goes and how hard to try, {@link
 * dev.holdfast.ConsumeOptions} how to receive, {@link dev.holdfast.Exchange} and {@link dev.holdfast.Queue} what to
 * declare, {@link dev.holdfast.RetryPolicy} how long to wait between attempts, {@link dev.holdfast.AmqpException} what can
 * go wrong.
 */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;
