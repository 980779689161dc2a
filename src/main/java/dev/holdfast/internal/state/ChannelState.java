package dev.holdfast.internal.state;

/**
 * The life of one channel on one link.
 *
 * <pre>
 *   DOWN ──open──► OPENING ──open-ok──► OPEN ──close requested──► CLOSING ──close-ok──► DOWN
 *    ▲                │                  │                           │
 *    └──link lost─────┴──close received──┴───────────────────────────┘
 * </pre>
 *
 * What the specification leaves out: once close was sent, everything but close and close-ok is discarded; a close that
 * crosses ours (CROSSED) is answered, and so will ours be: the number is free again only when close-ok has come.
 */
public final class ChannelState {
    private enum State {
        DOWN,
        OPENING,
        OPEN,
        CLOSING,
        CROSSED
    }

    /** What is to be done with an event. */
    public enum Action {
        /** Nothing. */
        NONE,
        /** Send channel.open. */
        SEND_OPEN,
        /** Send channel.close. */
        SEND_CLOSE,
        /** Send close-ok: the channel is gone, by the broker's wish. */
        SEND_CLOSE_OK,
        /** The channel is open. */
        OPENED,
        /** Our close is answered: the channel is gone. */
        GONE,
        /** The frame belongs to the channel: handle it. */
        HANDLE,
        /** The frame comes too late: drop it. */
        DISCARD,
        /** The peer broke the protocol. */
        VIOLATION
    }

    private State state = State.DOWN;

    /** Whether methods may be sent. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether our close awaits its answer. */
    public boolean isClosing() {
        return state == State.CLOSING || state == State.CROSSED;
    }

    /** Whether nothing is known of it on the wire. */
    public boolean isDown() {
        return state == State.DOWN;
    }

    /** Somebody wants the channel open. */
    public Action openRequested() {
        return switch (state) {
            case DOWN -> to(State.OPENING, Action.SEND_OPEN);
            case OPENING, OPEN, CLOSING, CROSSED -> throw impossible("open requested");
        };
    }

    /** channel.open-ok came. */
    public Action openOk() {
        return switch (state) {
            case OPENING -> to(State.OPEN, Action.OPENED);
            case CLOSING, CROSSED -> Action.DISCARD;
            case DOWN, OPEN -> Action.VIOLATION;
        };
    }

    /** Somebody wants the channel closed. */
    public Action closeRequested() {
        return switch (state) {
            case DOWN -> Action.GONE;
            case OPENING, OPEN -> to(State.CLOSING, Action.SEND_CLOSE);
            case CLOSING, CROSSED -> Action.NONE;
        };
    }

    /** channel.close came. */
    public Action closeReceived() {
        return switch (state) {
            case OPENING, OPEN -> to(State.DOWN, Action.SEND_CLOSE_OK);
            case CLOSING -> to(State.CROSSED, Action.SEND_CLOSE_OK);
            case DOWN, CROSSED -> Action.VIOLATION;
        };
    }

    /** channel.close-ok came. */
    public Action closeOk() {
        return switch (state) {
            case CLOSING, CROSSED -> to(State.DOWN, Action.GONE);
            case DOWN, OPENING, OPEN -> Action.VIOLATION;
        };
    }

    /** Any other frame came. */
    public Action frame() {
        return switch (state) {
            case OPEN -> Action.HANDLE;
            case CLOSING, CROSSED -> Action.DISCARD;
            case DOWN, OPENING -> Action.VIOLATION;
        };
    }

    /** The link is lost, and all channels with it. */
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
