package dev.holdfast;

import static java.util.Objects.requireNonNull;

/** A channel failed: the broker closed it, or its connection was lost. The connection may still be open. */
public final class AmqpChannelException extends AmqpException {
    private static final long serialVersionUID = 1L;

    private final int channel;
    private final int replyCode;
    private final String failedMethod;
    private final boolean recoverable;

    /**
     * Creates the exception.
     *
     * @param channel the channel's number
     * @param replyCode the AMQP reply code, 0 when the connection was lost
     * @param failedMethod the method that caused the close, such as {@code queue.bind}, empty for none
     * @param recoverable whether the call may succeed on a new channel
     */
    public AmqpChannelException(String message, int channel, int replyCode, String failedMethod, boolean recoverable) {
        super(message, null);
        this.channel = channel;
        this.replyCode = replyCode;
        this.failedMethod = requireNonNull(failedMethod, "failedMethod");
        this.recoverable = recoverable;
    }

    private AmqpChannelException(AmqpChannelException original) {
        super(original);
        this.channel = original.channel;
        this.replyCode = original.replyCode;
        this.failedMethod = original.failedMethod;
        this.recoverable = original.recoverable;
    }

    /**
     * Returns the exception for a channel.close of the broker, with its reply text. 311 (content too large), 313 (no
     * consumers) and 405 (resource locked) are recoverable, as in Kombu.
     */
    public static AmqpChannelException closedByBroker(
            int channel, int replyCode, String replyText, String failedMethod) {
        String message = closedByBrokerMessage("channel " + channel, replyCode, replyText, failedMethod);
        boolean recoverable = replyCode == ReplyCode.CONTENT_TOO_LARGE.code()
                || replyCode == ReplyCode.NO_CONSUMERS.code()
                || replyCode == ReplyCode.RESOURCE_LOCKED.code();
        return new AmqpChannelException(message, channel, replyCode, failedMethod, recoverable);
    }

    /** Returns the number of the channel that failed. */
    public int channel() {
        return channel;
    }

    /** Returns the AMQP reply code, 0 for none; see {@link ReplyCode#of}. */
    public int replyCode() {
        return replyCode;
    }

    /** Returns the method that caused the close, such as {@code queue.bind}; empty if the broker names none. */
    public String failedMethod() {
        return failedMethod;
    }

    @Override
    public boolean recoverable() {
        return recoverable;
    }

    @Override
    AmqpChannelException copy() {
        return new AmqpChannelException(this);
    }
}
