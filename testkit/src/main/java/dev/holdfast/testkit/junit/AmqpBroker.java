package dev.holdfast.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives JUnit tests an AMQP 0-9-1 broker. On a class, all of its tests share one broker, those of nested classes
 * included; on a method, the test has a broker of its own. It is started when a test first asks for it, and closed
 * after the class or the method. Tests, their constructors and life cycle methods take these as parameters:
 *
 * <ul>
 *   <li>{@link dev.holdfast.testkit.EmbeddedBroker}: the broker. Its {@code uri()} is what a client connects to.
 *   <li>{@link dev.holdfast.testkit.FaultProxy}: a proxy to the broker. {@code proxy.uri(broker.uri())} leads through
 *       it. Each test has a proxy of its own, which is closed after the test; a constructor and a {@code @BeforeAll}
 *       get one of the class.
 *   <li>{@link dev.holdfast.testkit.ScriptedBroker}: a peer that does what the test says. Each test has one of its own.
 * </ul>
 *
 * <pre>{@code
 * @AmqpBroker
 * class OrdersTest {
 *     @Test
 *     void orderSurvivesACut(EmbeddedBroker broker, FaultProxy proxy) {
 *         OrderService orders = new OrderService(proxy.uri(broker.uri()));
 *         proxy.cutNow();
 *         orders.place("17");
 *     }
 * }
 * }</pre>
 *
 * <p>Tests that run in parallel share the broker of their class: each uses names of its own. JUnit 5.4 or later, and
 * JUnit 6.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(AmqpBrokerExtension.class)
public @interface AmqpBroker {}
