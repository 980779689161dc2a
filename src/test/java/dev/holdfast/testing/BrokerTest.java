package dev.holdfast.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs a test once against every broker. The test takes a parameter of type {@link TestBroker}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(BrokerTestExtension.class)
public @interface BrokerTest {
    /** The features that the test needs. It does not run against a broker that lacks one; the report says so. */
    Feature[] needs() default {};
}
