package dev.holdfast.testkit;

import java.util.Locale;

/** When a {@link DiscardingBroker} confirms the messages of a channel in confirm mode. */
public enum ConfirmMode {
    /** One ack with {@code multiple} for all messages that one read of the socket completed on a channel. */
    PER_READ,
    /** One ack for every message. */
    PER_MESSAGE,
    /** No ack at all. */
    NEVER;

    /** Returns the value of the option {@code --confirms}: {@code per-read}, {@code per-message} or {@code never}. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static ConfirmMode ofOption(String option) {
        for (ConfirmMode mode : values()) {
            if (mode.option().equals(option)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("confirms: " + option + " (expected: per-read, per-message or never)");
    }
}
