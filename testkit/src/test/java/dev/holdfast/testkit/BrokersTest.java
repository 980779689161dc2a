package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class BrokersTest {
    @Test
    void allowsWhatIsThere() {
        assertThat(Brokers.require("A broker", true, true)).isTrue();
        assertThat(Brokers.require("A broker", true, false)).isTrue();
    }

    @Test
    void skipsWhatIsMissing() {
        assertThat(Brokers.require("A broker that no machine has", false, false))
                .isFalse();
    }

    @Test
    void failsOnABuildServerWhenABrokerIsMissing() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Brokers.require("A broker", false, true))
                .withMessageContaining("A broker is not installed");
    }
}
