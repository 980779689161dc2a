package dev.holdfast.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.internal.state.ChannelState.Action;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelStateTest {
    @ParameterizedTest
    @CsvSource({
        // state, event, action, state after
        "DOWN,    open requested,  SEND_OPEN,     OPENING",
        "DOWN,    open-ok,         VIOLATION,     DOWN",
        "DOWN,    close requested, GONE,          DOWN",
        "DOWN,    close,           VIOLATION,     DOWN",
        "DOWN,    close-ok,        VIOLATION,     DOWN",
        "DOWN,    frame,           VIOLATION,     DOWN",
        "DOWN,    link lost,       NONE,          DOWN",
        "OPENING, open-ok,         OPENED,        OPEN",
        "OPENING, close requested, SEND_CLOSE,    CLOSING",
        "OPENING, close,           SEND_CLOSE_OK, DOWN",
        "OPENING, close-ok,        VIOLATION,     OPENING",
        "OPENING, frame,           VIOLATION,     OPENING",
        "OPENING, link lost,       NONE,          DOWN",
        "OPEN,    open-ok,         VIOLATION,     OPEN",
        "OPEN,    close requested, SEND_CLOSE,    CLOSING",
        "OPEN,    close,           SEND_CLOSE_OK, DOWN",
        "OPEN,    close-ok,        VIOLATION,     OPEN",
        "OPEN,    frame,           HANDLE,        OPEN",
        "OPEN,    link lost,       NONE,          DOWN",
        "CLOSING, open-ok,         DISCARD,       CLOSING",
        "CLOSING, close requested, NONE,          CLOSING",
        "CLOSING, close,           SEND_CLOSE_OK, CROSSED",
        "CLOSING, close-ok,        GONE,          DOWN",
        "CLOSING, frame,           DISCARD,       CLOSING",
        "CLOSING, link lost,       NONE,          DOWN",
        "CROSSED, open-ok,         DISCARD,       CROSSED",
        "CROSSED, close requested, NONE,          CROSSED",
        "CROSSED, close,           VIOLATION,     CROSSED",
        "CROSSED, close-ok,        GONE,          DOWN",
        "CROSSED, frame,           DISCARD,       CROSSED",
        "CROSSED, link lost,       NONE,          DOWN",
    })
    void answersEveryEventInEveryState(String state, String event, Action action, String after) {
        ChannelState life = in(state);
        assertThat(tell(life, event)).isEqualTo(action);
        assertThat(life).hasToString(after);
        assertThat(life.isOpen()).isEqualTo(after.equals("OPEN"));
        assertThat(life.isDown()).isEqualTo(after.equals("DOWN"));
        assertThat(life.isClosing()).isEqualTo(after.equals("CLOSING") || after.equals("CROSSED"));
    }

    @ParameterizedTest
    @CsvSource({"OPENING", "OPEN", "CLOSING", "CROSSED"})
    void isOpenedOnlyWhenDown(String state) {
        assertThatIllegalStateException()
                .isThrownBy(() -> in(state).openRequested())
                .withMessage("state: " + state + " (event: open requested)");
    }

    @Test
    void noWalkLeadsToTheImpossible() {
        List<String> events =
                List.of("open requested", "open-ok", "close requested", "close", "close-ok", "frame", "link lost");
        Random random = new Random(1);
        ChannelState life = new ChannelState();
        for (int i = 0; i < 100_000; i++) {
            String event = events.get(random.nextInt(events.size()));
            if (!event.equals("open requested") || life.isDown()) {
                assertThat(tell(life, event)).isNotNull();
            }
        }
    }

    private static ChannelState in(String state) {
        ChannelState life = new ChannelState();
        if (!state.equals("DOWN")) {
            life.openRequested();
        }
        if (!state.equals("DOWN") && !state.equals("OPENING")) {
            life.openOk();
        }
        if (state.equals("CLOSING") || state.equals("CROSSED")) {
            life.closeRequested();
        }
        if (state.equals("CROSSED")) {
            life.closeReceived();
        }
        return life;
    }

    private static Action tell(ChannelState life, String event) {
        return switch (event) {
            case "open requested" -> life.openRequested();
            case "open-ok" -> life.openOk();
            case "close requested" -> life.closeRequested();
            case "close" -> life.closeReceived();
            case "close-ok" -> life.closeOk();
            case "frame" -> life.frame();
            default -> {
                life.linkLost();
                yield Action.NONE;
            }
        };
    }
}
