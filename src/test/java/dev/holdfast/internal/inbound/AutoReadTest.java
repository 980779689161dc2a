package dev.holdfast.internal.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.internal.inbound.AutoRead.PauseReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading is paused while there is a reason. */
class AutoReadTest {
    private final List<Boolean> switches = new ArrayList<>();
    private final AutoRead autoRead = new AutoRead();

    @BeforeEach
    void link() {
        autoRead.linkOpened(switches::add);
    }

    @Test
    void firstReasonPausesAndRemovalOfTheLastContinues() {
        autoRead.pause(PauseReason.COALESCING);
        autoRead.pause(PauseReason.BACKLOG);
        assertThat(switches).containsExactly(false);
        assertThat(autoRead).hasToString("auto-read paused by [BACKLOG, COALESCING]");
        autoRead.unpause(PauseReason.COALESCING);
        assertThat(switches).as("one of two reasons is left").containsExactly(false);
        autoRead.unpause(PauseReason.BACKLOG);
        assertThat(switches).containsExactly(false, true);
        assertThat(autoRead).hasToString("auto-read paused by []");
    }

    @Test
    void resumeRemovesAllReasons() {
        autoRead.pause(PauseReason.COALESCING);
        autoRead.pause(PauseReason.BACKLOG);
        autoRead.resume();
        assertThat(switches).containsExactly(false, true);
        autoRead.unpause(PauseReason.BACKLOG);
        autoRead.resume();
        assertThat(switches).containsExactly(false, true);
    }

    /** The socket may stay open for a while, to receive the close by the broker. */
    @Test
    void lostLinkIsReadAgain() {
        autoRead.pause(PauseReason.BACKLOG);
        autoRead.linkLost();
        assertThat(switches).containsExactly(false, true);
        autoRead.pause(PauseReason.BACKLOG);
        assertThat(autoRead.isPausedFor(PauseReason.BACKLOG))
                .as("without a link")
                .isFalse();
        assertThat(switches).containsExactly(false, true);
    }

    @Test
    void newLinkIsReadAndThePreviousOneIsNotSwitched() {
        autoRead.pause(PauseReason.COALESCING);
        List<Boolean> next = new ArrayList<>();
        autoRead.linkOpened(next::add);
        autoRead.unpause(PauseReason.COALESCING);
        assertThat(autoRead.isPausedFor(PauseReason.COALESCING)).isFalse();
        assertThat(next).isEmpty();
        assertThat(switches).containsExactly(false);
    }

    @Test
    void listenerIsToldOfHeldReadsOnly() {
        List<Boolean> held = new ArrayList<>();
        AutoRead listened = new AutoRead(held::add);
        listened.linkOpened(on -> {});
        listened.pause(PauseReason.COALESCING);
        listened.pause(PauseReason.BACKLOG);
        assertThat(held).isEmpty();
        listened.pause(PauseReason.HELD);
        listened.resume();
        assertThat(held).containsExactly(true);
        listened.linkLost();
        assertThat(held).containsExactly(true, false);
    }
}
