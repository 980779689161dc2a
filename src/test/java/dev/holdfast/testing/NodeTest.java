package dev.holdfast.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test once against each version of RabbitMQ, on a node that it may kill, block and configure. The test takes a
 * parameter of type {@link dev.holdfast.testkit.RabbitNode}. Tests share the node one after the other: each uses names
 * of its own, deletes what it declares, and leaves the node running with the configuration that it found. A test
 * that needs nodes of its own takes {@link dev.holdfast.testkit.RabbitVersion} instead.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(BrokerTestExtension.class)
public @interface NodeTest {}
