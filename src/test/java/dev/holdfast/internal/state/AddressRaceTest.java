package dev.holdfast.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AddressRaceTest {
    private final List<String> events = new ArrayList<>();
    private @Nullable Runnable timer;
    private long timerDelay;

    /** Names that begin with "name" are looked up, and those with "bad" fail at their start. */
    private final AddressRace.Runner<String> runner = new AddressRace.Runner<>() {
        @Override
        public @Nullable Runnable start(String target) {
            events.add("start " + target);
            if (target.startsWith("bad")) {
                race.failed(target);
            }
            return target.startsWith("name") ? null : () -> events.add("cancel " + target);
        }

        @Override
        public void allFailed() {
            events.add("all failed");
        }
    };

    private AddressRace<String> race = race();

    private AddressRace<String> race(String... targets) {
        AddressRace<String> created = new AddressRace<>(List.of(targets), runner, (task, delay) -> {
            timer = task;
            timerDelay = delay;
            return () -> timer = null;
        });
        race = created;
        return created;
    }

    private void fire(long expectedDelay) {
        assertThat(timer).as("timer").isNotNull();
        assertThat(timerDelay).isEqualTo(expectedDelay);
        Runnable task = timer;
        timer = null;
        task.run();
    }

    private void assertEvents(String... expected) {
        assertThat(events).containsExactly(expected);
        events.clear();
    }

    @Test
    void attemptsStartOneDelayAfterTheOther() {
        race("a", "b", "c").startNext();
        assertEvents("start a");
        fire(AddressRace.ATTEMPT_DELAY_NANOS);
        assertEvents("start b");
        fire(AddressRace.ATTEMPT_DELAY_NANOS);
        assertEvents("start c");
        assertThat(timer).isNull();
    }

    @Test
    void failureStartsTheNextAtOnceAndTheLastOneEndsTheRace() {
        race("a", "b", "c").startNext();
        race.failed("a");
        fire(AddressRace.ATTEMPT_DELAY_NANOS);
        assertEvents("start a", "start b", "start c");
        race.failed("c");
        assertEvents();
        race.failed("b");
        assertEvents("all failed");
    }

    @Test
    void targetThatFailsAtItsStartIsFollowedByTheNext() {
        race("bad 1", "bad 2", "c").startNext();
        assertEvents("start bad 1", "start bad 2", "start c");
        assertThat(timer).isNull();
        race("bad 1", "bad 2").startNext();
        assertEvents("start bad 1", "start bad 2", "all failed");
    }

    @Test
    void connectedTargetGetsTimeToAnswerAndNoMore() {
        race("silent", "b", "c").startNext();
        race.connected();
        fire(AddressRace.ANSWER_DELAY_NANOS);
        assertEvents("start silent", "start b");
        race.answered("b");
        assertEvents("cancel silent");
        assertThat(timer).isNull();
        race.stop();
        assertEvents("cancel b");
    }

    @Test
    void othersStartAgainIfTheLeaderFails() {
        race("slow", "b", "c").startNext();
        fire(AddressRace.ATTEMPT_DELAY_NANOS);
        race.answered("b");
        assertEvents("start slow", "start b", "cancel slow");
        race.failed("b");
        assertEvents("start slow");
        fire(AddressRace.ATTEMPT_DELAY_NANOS);
        assertEvents("start c");
        race.failed("slow");
        race.failed("c");
        assertEvents("all failed");
    }

    @Test
    void addressesOfANameTakeItsPlace() {
        race("name", "b").startNext();
        race.lookedUp("name", List.of("a1", "a2"));
        fire(AddressRace.ATTEMPT_DELAY_NANOS);
        fire(AddressRace.ATTEMPT_DELAY_NANOS);
        assertEvents("start name", "start a1", "start a2", "start b");
    }

    @Test
    void slowLookupDelaysTheNextBrokerOnlyByTheDelayAndSurvivesAnotherLeader() {
        race("name", "b").startNext();
        fire(AddressRace.ATTEMPT_DELAY_NANOS);
        race.answered("b");
        race.lookedUp("name", List.of("a"));
        assertEvents("start name", "start b");
        race.failed("b");
        assertEvents("start a");
        race.failed("a");
        assertEvents("all failed");
    }

    @Test
    void stoppedRaceStartsNothing() {
        race("a", "b").startNext();
        race.stop();
        assertThat(timer).isNull();
        race.failed("a");
        assertEvents("start a", "cancel a");
    }

    @Test
    void familiesAreInTurnAndTheirAddressesInAnyOrder() {
        List<String> addresses = List.of("4a", "4b", "4c", "6aa", "6bb");
        Set<List<String>> orders = new HashSet<>();
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            List<String> order = AddressRace.interleaved(addresses, String::length, random);
            assertThat(order).containsExactlyInAnyOrderElementsOf(addresses);
            assertThat(order).extracting(String::length).containsExactly(2, 3, 2, 3, 2);
            orders.add(order);
        }
        assertThat(orders).hasSize(6 * 2);
        assertThat(AddressRace.interleaved(List.of("6aa", "4b"), String::length, random))
                .containsExactly("6aa", "4b");
    }
}
