package dev.holdfast.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs a test once against every broker; it takes a parameter of type {@link TestBroker}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(BrokerTestExtension.class)
public @interface BrokerTest {
    /** What the test cannot do without: a broker that lacks one of these is left out, and the report says so. */
    Feature[] needs() default {};
}
