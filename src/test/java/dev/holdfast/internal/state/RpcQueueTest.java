package dev.holdfast.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RpcQueueTest {
    private final RpcQueue<String> queue = new RpcQueue<>();

    @Test
    void oneCallIsInFlightAtATime() {
        queue.ready();
        queue.add("a");
        queue.add("b");

        assertThat(queue.next()).isEqualTo("a");
        assertThat(queue.next()).isNull();
        assertThat(queue.inFlight()).isEqualTo("a");
        queue.replied();
        assertThat(queue.next()).isEqualTo("b");
    }

    @Test
    void setupCallsAreSentBeforeUserCalls() {
        queue.add("user");
        queue.addSetup("open");

        assertThat(queue.next()).isEqualTo("open");
        queue.replied();
        assertThat(queue.next()).isNull();
        queue.ready();
        assertThat(queue.next()).isEqualTo("user");
    }

    @Test
    void onlyUnsentCallsAreWithdrawn() {
        queue.ready();
        queue.add("a");
        queue.add("b");
        queue.next();

        assertThat(queue.withdraw("a")).isFalse();
        assertThat(queue.withdraw("b")).isTrue();
        assertThat(queue.withdraw("b")).isFalse();
    }

    @Test
    void aLostChannelReturnsSentAndSetupCallsAndKeepsTheOthers() {
        queue.ready();
        queue.add("sent");
        queue.add("waits");
        queue.next();
        queue.addSetup("setup");

        assertThat(queue.channelLost()).containsExactly("sent", "setup");
        assertThat(queue.next()).isNull();
        assertThat(queue.channelClosed()).containsExactly("waits");
        assertThat(queue.channelClosed()).isEmpty();
    }
}
