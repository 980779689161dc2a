/**
 * The one fixture that gives an integration test its broker: every test marked so runs against each broker that can be had,
 * less a named list of what a broker lacks, and the end of the run tells what ran and what did not.
 *
 * <p>Starting points: {@link dev.holdfast.testing.BrokerTest} marks a test, {@link dev.holdfast.testing.TestBroker} is what
 * it gets, {@link dev.holdfast.testing.Feature} is what a broker may lack.
 */
package dev.holdfast.testing;
