/**
 * Helpers of the tests: brokers, and waiting for messages, outcomes and conditions.
 *
 * <p>Starting points: {@link dev.holdfast.testing.BrokerTest} runs a test against each available broker, {@link
 * dev.holdfast.testing.TestBroker} is the parameter of such a test, {@link dev.holdfast.testing.Feature} lists what
 * a broker may lack. {@link dev.holdfast.testing.DeliveryQueue} receives messages, {@link
 * dev.holdfast.testing.PublishOutcomes} waits for publishes, {@link dev.holdfast.testing.Await} for conditions.
 */
package dev.holdfast.testing;
