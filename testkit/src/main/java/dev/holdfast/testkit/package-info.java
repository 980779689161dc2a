/**
 * Brokers and faults for tests, demos and benchmarks. Nothing here knows the Holdfast client: whatever is tested with these
 * classes is tested against programs that other people wrote, or against bytes on a socket. All servers listen on 127.0.0.1
 * only, take ports from the system, and leave no file and no process behind once closed.
 *
 * <p>Starting points: {@link dev.holdfast.testkit.EmbeddedBroker} is a real broker inside this JVM,
 * {@link dev.holdfast.testkit.RabbitNode} a real RabbitMQ that can be killed, {@link dev.holdfast.testkit.FaultProxy} a
 * network that fails on request, {@link dev.holdfast.testkit.DiscardingBroker} a peer that costs almost nothing.
 */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
