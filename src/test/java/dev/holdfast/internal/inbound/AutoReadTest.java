package dev.holdfast.internal.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.internal.inbound.AutoRead.Hold;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A link is read while nothing holds it. */
class AutoReadTest {
    private final List<Boolean> switched = new ArrayList<>();
    private final AutoRead reads = new AutoRead();

    @BeforeEach
    void link() {
        reads.link(switched::add);
    }

    @Test
    void theFirstHoldStopsAndTheLastReleaseGoesOn() {
        reads.hold(Hold.REST);
        reads.hold(Hold.BACKLOG);
        assertThat(switched).containsExactly(false);
        assertThat(reads).hasToString("reads held by [BACKLOG, REST]");
        reads.release(Hold.REST);
        assertThat(switched).as("a rest that is over lifts no pause").containsExactly(false);
        reads.release(Hold.BACKLOG);
        assertThat(switched).containsExactly(false, true);
        assertThat(reads).hasToString("reads held by []");
    }

    @Test
    void anAnswerThatIsToBeHeardEndsEveryHold() {
        reads.hold(Hold.REST);
        reads.hold(Hold.BACKLOG);
        reads.resume();
        assertThat(switched).containsExactly(false, true);
        reads.release(Hold.BACKLOG);
        reads.resume();
        assertThat(switched).containsExactly(false, true);
    }

    /** Its socket may live on for a while, to hear that the broker has closed it. */
    @Test
    void aLinkThatIsLostIsRead() {
        reads.hold(Hold.BACKLOG);
        reads.linkLost();
        assertThat(switched).containsExactly(false, true);
        reads.hold(Hold.BACKLOG);
        assertThat(reads.isHeld(Hold.BACKLOG)).as("without a link").isFalse();
        assertThat(switched).containsExactly(false, true);
    }

    @Test
    void anotherLinkIsReadAndTheOldOneIsLeftAlone() {
        reads.hold(Hold.REST);
        List<Boolean> next = new ArrayList<>();
        reads.link(next::add);
        reads.release(Hold.REST);
        assertThat(reads.isHeld(Hold.REST)).isFalse();
        assertThat(next).isEmpty();
        assertThat(switched).containsExactly(false);
    }
}
