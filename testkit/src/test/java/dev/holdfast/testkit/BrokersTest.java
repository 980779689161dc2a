package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class BrokersTest {
    @Test
    void availableBrokerIsAccepted() {
        assertThat(Brokers.require(true, "", true)).isTrue();
        assertThat(Brokers.require(true, "", false)).isTrue();
    }

    @Test
    void missingBrokerIsReportedAsUnavailable() {
        assertThat(Brokers.require(false, "a broker is not installed", false)).isFalse();
    }

    @Test
    void missingBrokerThrowsOnABuildServer() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Brokers.require(false, "a broker is not installed", true))
                .withMessageContaining("a broker is not installed");
    }
}
