/** Brokers and faults as parameters of JUnit tests: {@link dev.holdfast.testkit.junit.AmqpBroker}. */
@NullMarked
package dev.holdfast.testkit.junit;

import org.jspecify.annotations.NullMarked;
