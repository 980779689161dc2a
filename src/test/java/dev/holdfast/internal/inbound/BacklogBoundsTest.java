package dev.holdfast.internal.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.LogLines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The two bounds of the backlog: 800 bytes, and twice as much. */
class BacklogBoundsTest {
    private final AutoRead autoRead = new AutoRead();
    private final DeliveryBacklog backlog = new DeliveryBacklog(Runnable::run, autoRead, 800, () -> answerExpected());
    private boolean answerExpected;

    private boolean answerExpected() {
        return answerExpected;
    }

    @BeforeEach
    void link() {
        autoRead.linkOpened(on -> {});
        backlog.linkOpened();
    }

    private void assertPausedBy(String reasons) {
        assertThat(autoRead).hasToString("auto-read paused by [" + reasons + "]");
    }

    @Test
    void firstBoundPausesUntilHalfIsHandled() {
        backlog.added(800);
        assertPausedBy("");
        backlog.added(1);
        assertPausedBy("BACKLOG");
        assertThat(backlog.heldReason()).isNull();
        backlog.handled(400);
        assertPausedBy("BACKLOG");
        backlog.handled(1);
        assertPausedBy("");
    }

    @Test
    void expectedAnswerIsReadUpToTheSecondBound() {
        backlog.added(801);
        answerExpected = true;
        backlog.answerMayBeExpected();
        assertPausedBy("");
        backlog.added(799);
        assertPausedBy("");
        backlog.added(1);
        assertPausedBy("HELD");
        assertThat(backlog.heldReason()).startsWith("reading is held: 1601 bytes ");
        autoRead.resume();
        backlog.answerMayBeExpected();
        assertPausedBy("HELD");
    }

    @Test
    void readingGoesOnBelowTheSecondBoundForAnAnswer() {
        answerExpected = true;
        backlog.added(1700);
        backlog.handled(199);
        assertPausedBy("HELD");
        backlog.handled(1);
        assertPausedBy("");
        backlog.added(101);
        assertPausedBy("HELD");
        answerExpected = false;
        backlog.handled(101);
        assertPausedBy("BACKLOG");
        backlog.handled(1100);
        assertPausedBy("");
    }

    @Test
    void newLinkIsNotReadAboveTheSecondBound() {
        backlog.added(1601);
        autoRead.linkLost();
        assertPausedBy("");
        autoRead.linkOpened(on -> {});
        backlog.linkOpened();
        assertPausedBy("HELD");
    }

    @Test
    void closeReadsOnAndDropsDeliveriesAboveTheSecondBound() {
        backlog.added(1601);
        assertThat(backlog.dropsDeliveries()).isFalse();
        backlog.closing();
        assertPausedBy("");
        assertThat(backlog.dropsDeliveries()).isTrue();
        backlog.handled(1);
        assertThat(backlog.dropsDeliveries()).isFalse();
        backlog.added(1000);
        assertPausedBy("");
    }

    @Test
    void callbackCountsUntilItHasRunOrWasRefused() {
        List<Runnable> tasks = new ArrayList<>();
        backlog.run(tasks::add, 900, () -> {
            throw new IllegalStateException("thrown by the callback");
        });
        assertPausedBy("BACKLOG");
        tasks.forEach(Runnable::run);
        assertThat(backlog).hasToString("backlog 0");
        assertPausedBy("");
        backlog.run(
                task -> {
                    throw new RejectedExecutionException("refused by the executor");
                },
                900,
                () -> {});
        assertThat(backlog).hasToString("backlog 0");
        assertPausedBy("");
    }

    @Test
    void firstPauseOfEachLinkIsLogged() {
        try (LogLines log = new LogLines()) {
            backlog.added(801);
            backlog.handled(801);
            backlog.added(801);
            backlog.added(800);
            assertThat(log.lines(Level.WARNING).split("reading is paused: ")).hasSize(2);
            assertThat(log.lines(Level.WARNING).split("reading is held: ")).hasSize(2);
        }
    }

    @Test
    void boundThatCannotBeDoubledIsNoBound() {
        DeliveryBacklog unbounded = new DeliveryBacklog(Runnable::run, autoRead, Long.MAX_VALUE, () -> false);
        unbounded.added(Long.MAX_VALUE / 2);
        assertPausedBy("");
    }
}
