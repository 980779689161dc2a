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
        "DOWN,    close requested, CLOSED,          DOWN",
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
        "CLOSING, close-ok,        CLOSED,          DOWN",
        "CLOSING, frame,           DISCARD,       CLOSING",
        "CLOSING, link lost,       NONE,          DOWN",
        "CROSSED, open-ok,         DISCARD,       CROSSED",
        "CROSSED, close requested, NONE,          CROSSED",
        "CROSSED, close,           VIOLATION,     CROSSED",
        "CROSSED, close-ok,        CLOSED,          DOWN",
        "CROSSED, frame,           DISCARD,       CROSSED",
        "CROSSED, link lost,       NONE,          DOWN",
    })
    void everyEventInEveryStateHasItsAction(String state, String event, Action action, String after) {
        ChannelState channel = in(state);
        assertThat(handle(channel, event)).isEqualTo(action);
        assertThat(channel).hasToString(after);
        assertThat(channel.isOpen()).isEqualTo(after.equals("OPEN"));
        assertThat(channel.isDown()).isEqualTo(after.equals("DOWN"));
        assertThat(channel.isClosing()).isEqualTo(after.equals("CLOSING") || after.equals("CROSSED"));
    }

    @ParameterizedTest
    @CsvSource({"OPENING", "OPEN", "CLOSING", "CROSSED"})
    void openingRequiresTheStateDown(String state) {
        assertThatIllegalStateException()
                .isThrownBy(() -> in(state).openRequested())
                .withMessage("state: " + state + " (event: open requested)");
    }

    @Test
    void everyRandomSequenceOfEventsIsHandled() {
        List<String> events =
                List.of("open requested", "open-ok", "close requested", "close", "close-ok", "frame", "link lost");
        Random random = new Random(1);
        ChannelState channel = new ChannelState();
        for (int i = 0; i < 100_000; i++) {
            String event = events.get(random.nextInt(events.size()));
            if (!event.equals("open requested") || channel.isDown()) {
                assertThat(handle(channel, event)).isNotNull();
            }
        }
    }

    private static ChannelState in(String state) {
        ChannelState channel = new ChannelState();
        if (!state.equals("DOWN")) {
            channel.openRequested();
        }
        if (!state.equals("DOWN") && !state.equals("OPENING")) {
            channel.openOk();
        }
        if (state.equals("CLOSING") || state.equals("CROSSED")) {
            channel.closeRequested();
        }
        if (state.equals("CROSSED")) {
            channel.closeReceived();
        }
        return channel;
    }

    private static Action handle(ChannelState channel, String event) {
        return switch (event) {
            case "open requested" -> channel.openRequested();
            case "open-ok" -> channel.openOk();
            case "close requested" -> channel.closeRequested();
            case "close" -> channel.closeReceived();
            case "close-ok" -> channel.closeOk();
            case "frame" -> channel.frame();
            default -> {
                channel.linkLost();
                yield Action.NONE;
            }
        };
    }
}
