package dev.holdfast.testkit;

/** The peer broke the protocol; the connection is closed with this code. */
final class ProtocolViolationException extends Exception {
    static final int FRAME_ERROR = 501;
    static final int SYNTAX_ERROR = 502;
    static final int COMMAND_INVALID = 503;
    static final int CHANNEL_ERROR = 504;
    static final int UNEXPECTED_FRAME = 505;
    static final int NOT_IMPLEMENTED = 540;

    private static final long serialVersionUID = 1;

    private final int code;

    ProtocolViolationException(int code, String message) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }
}
