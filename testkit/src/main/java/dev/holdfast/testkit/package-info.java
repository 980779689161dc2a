/**
 * Brokers and network faults for tests, demos and benchmarks. No class here uses the Holdfast client, so a client is
 * tested against independent programs or against bytes on a socket. All servers listen on 127.0.0.1 only, use free
 * ports, and leave no file and no process behind after they are closed.
 *
 * <p>Starting points: {@link dev.holdfast.testkit.EmbeddedBroker} is a real broker inside this JVM,
 * {@link dev.holdfast.testkit.RabbitNode} a real RabbitMQ that can be killed, {@link dev.holdfast.testkit.FaultProxy} a
 * TCP proxy that injects faults, {@link dev.holdfast.testkit.ScriptedBroker} a peer that a test drives method by
 * method, {@link dev.holdfast.testkit.DiscardingBroker} a peer of minimal cost. {@link
 * dev.holdfast.testkit.junit.AmqpBroker} gives them to JUnit tests.
 */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
