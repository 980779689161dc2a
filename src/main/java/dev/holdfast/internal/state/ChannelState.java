package dev.holdfast.internal.state;

/**
 * State machine of one channel on one link: an event returns the action that must follow.
 *
 * <pre>
 *   DOWN ──open──► OPENING ──open-ok──► OPEN ──close requested──► CLOSING ──close-ok──► DOWN
 *    ▲                │                  │                           │
 *    └──link lost─────┴──close received──┴───────────────────────────┘
 * </pre>
 *
 * What the specification leaves out: once close was sent, every frame except close and close-ok is discarded. A close
 * that crosses ours (CROSSED) is answered, and the peer answers ours: the channel number is free only after close-ok.
 */
public final class ChannelState {
    private enum State {
        DOWN,
        OPENING,
        OPEN,
        CLOSING,
        CROSSED
    }

    /** What the caller must do after an event. */
    public enum Action {
        /** Nothing. */
        NONE,
        /** Send channel.open. */
        SEND_OPEN,
        /** Send channel.close. */
        SEND_CLOSE,
        /** Send close-ok: the broker closed the channel. */
        SEND_CLOSE_OK,
        /** The channel is open. */
        OPENED,
        /** The broker answered our close: the channel is closed. */
        CLOSED,
        /** The frame belongs to the channel: handle it. */
        HANDLE,
        /** Drop the frame, which was sent before the broker received our close. */
        DISCARD,
        /** The peer broke the protocol. */
        VIOLATION
    }

    private State state = State.DOWN;

    /** Whether methods may be sent. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether our close is not answered yet. */
    public boolean isClosing() {
        return state == State.CLOSING || state == State.CROSSED;
    }

    /** Whether the channel is neither open nor being opened or closed. */
    public boolean isDown() {
        return state == State.DOWN;
    }

    /** The channel is to be opened. */
    public Action openRequested() {
        return switch (state) {
            case DOWN -> to(State.OPENING, Action.SEND_OPEN);
            case OPENING, OPEN, CLOSING, CROSSED -> throw impossible("open requested");
        };
    }

    /** channel.open-ok arrived. */
    public Action openOk() {
        return switch (state) {
            case OPENING -> to(State.OPEN, Action.OPENED);
            case CLOSING, CROSSED -> Action.DISCARD;
            case DOWN, OPEN -> Action.VIOLATION;
        };
    }

    /** The channel is to be closed. */
    public Action closeRequested() {
        return switch (state) {
            case DOWN -> Action.CLOSED;
            case OPENING, OPEN -> to(State.CLOSING, Action.SEND_CLOSE);
            case CLOSING, CROSSED -> Action.NONE;
        };
    }

    /** channel.close arrived. */
    public Action closeReceived() {
        return switch (state) {
            case OPENING, OPEN -> to(State.DOWN, Action.SEND_CLOSE_OK);
            case CLOSING -> to(State.CROSSED, Action.SEND_CLOSE_OK);
            case DOWN, CROSSED -> Action.VIOLATION;
        };
    }

    /** channel.close-ok arrived. */
    public Action closeOk() {
        return switch (state) {
            case CLOSING, CROSSED -> to(State.DOWN, Action.CLOSED);
            case DOWN, OPENING, OPEN -> Action.VIOLATION;
        };
    }

    /** Any other frame arrived. */
    public Action frame() {
        return switch (state) {
            case OPEN -> Action.HANDLE;
            case CLOSING, CROSSED -> Action.DISCARD;
            case DOWN, OPENING -> Action.VIOLATION;
        };
    }

    /** The link is lost. */
    public void linkLost() {
        state = State.DOWN;
    }

    private Action to(State next, Action action) {
        state = next;
        return action;
    }

    private IllegalStateException impossible(String event) {
        return new IllegalStateException("state: " + state + " (event: " + event + ")");
    }

    @Override
    public String toString() {
        return state.toString();
    }
}
