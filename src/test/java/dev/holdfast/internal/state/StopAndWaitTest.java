package dev.holdfast.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StopAndWaitTest {
    private static final int CODE = 541;

    private final StopAndWait search = new StopAndWait();
    private final TestSender first = new TestSender();
    private final TestSender second = new TestSender();

    private static final class TestSender implements StopAndWait.Sender {
        private int candidates = 2;
        private boolean active;
        private boolean busy;
        private boolean finished;

        @Override
        public void setActive(boolean isActive) {
            active = isActive;
        }

        @Override
        public boolean isFinished() {
            return finished;
        }

        @Override
        public boolean isBusy() {
            return busy;
        }

        @Override
        public boolean hasCandidates() {
            return candidates > 0;
        }

        @Override
        public boolean sendOne() {
            candidates--;
            busy = true;
            return true;
        }
    }

    @Test
    void closedChannelsAreSearchedIndependently() {
        search.begin(first, CODE);
        search.begin(second, CODE);
        search.advance();
        assertThat(first.busy && second.busy).isTrue();
        first.busy = false;
        search.found(first, false, CODE);
        assertThat(first.active).isFalse();
        assertThat(second.active).isTrue();
    }

    @Test
    void closedConnectionIsSearchedOneMessageAtATime() {
        search.beginAll(List.of(first, second), CODE);
        search.advance();
        assertThat(first.busy).isTrue();
        assertThat(second.busy).isFalse();
        assertThat(search.proves(first, true)).isTrue();
        first.candidates = 0;
        first.busy = false;
        search.advance();
        assertThat(second.busy).isTrue();
        second.candidates = 0;
        second.busy = false;
        search.advance();
        assertThat(first.active || second.active).isFalse();
    }

    @Test
    void channelStaysRestrictedAfterTheSearchOverItsConnection() {
        search.begin(first, CODE);
        search.beginAll(List.of(first, second), CODE);
        search.found(second, true, CODE);
        assertThat(first.active).isTrue();
        assertThat(second.active).isFalse();
        assertThat(search.proves(first, true)).isFalse();
        assertThat(search.proves(first, false)).isTrue();
    }

    @Test
    void causeWithAnotherReplyCodeDoesNotEndTheSearch() {
        search.begin(first, CODE);
        search.found(first, false, 404);
        assertThat(first.active).isTrue();
        search.beginAll(List.of(first, second), CODE);
        search.found(second, true, 404);
        assertThat(second.active).isTrue();
    }

    @Test
    void senderCreatedDuringTheSearchOverAConnectionIsRestricted() {
        search.begin(first, CODE);
        search.created(second);
        assertThat(second.active).isFalse();
        search.beginAll(List.of(first), CODE);
        search.created(second);
        assertThat(second.active).isTrue();
    }

    @Test
    void finishedSenderLeavesTheSearch() {
        search.beginAll(List.of(first, second), CODE);
        first.finished = true;
        search.advance();
        assertThat(search.proves(first, true)).isFalse();
        assertThat(search.proves(second, true)).isTrue();
    }
}
