package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class BrokersTest {
    @Test
    void availableBrokerIsAccepted() {
        assertThat(Brokers.require("A broker", true, true)).isTrue();
        assertThat(Brokers.require("A broker", true, false)).isTrue();
    }

    @Test
    void missingBrokerIsReportedAsUnavailable() {
        assertThat(Brokers.require("An uninstalled broker", false, false)).isFalse();
    }

    @Test
    void missingBrokerThrowsOnABuildServer() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Brokers.require("A broker", false, true))
                .withMessageContaining("A broker is not installed");
    }
}
