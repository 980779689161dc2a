package dev.holdfast.testkit;

/** Signals that the client violated the protocol; the server closes the connection with this reply code. */
final class ProtocolViolationException extends Exception {
    static final int FRAME_ERROR = 501;
    static final int SYNTAX_ERROR = 502;
    static final int COMMAND_INVALID = 503;
    static final int CHANNEL_ERROR = 504;
    static final int UNEXPECTED_FRAME = 505;
    static final int NOT_IMPLEMENTED = 540;

    private static final long serialVersionUID = 1;

    private final int replyCode;

    ProtocolViolationException(int replyCode, String message) {
        super(message);
        this.replyCode = replyCode;
    }

    int replyCode() {
        return replyCode;
    }
}
