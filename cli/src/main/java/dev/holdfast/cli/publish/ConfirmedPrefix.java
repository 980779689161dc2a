package dev.holdfast.cli.publish;

import java.util.BitSet;

/**
 * Knows up to which message all are confirmed, as confirms arrive in any order. The memory is a bit for each message
 * behind the first one that is not confirmed. Not thread-safe.
 */
final class ConfirmedPrefix {
    /** Confirmed messages behind the prefix; bit 0 is the message {@code base}. */
    private final BitSet ahead = new BitSet();

    private long base = 1;
    private long length;

    /** Adds a confirmed message; the first has the number 1. */
    void add(long number) {
        if (number != length + 1) {
            if (number - base < Integer.MAX_VALUE) { // else the prefix ends here: 2 billion messages wait for one
                ahead.set((int) (number - base));
            }
            return;
        }
        if (ahead.isEmpty()) {
            length++;
        } else {
            length = base + ahead.nextClearBit((int) (number + 1 - base)) - 1;
            if (length - base + 1 >= ahead.length()) {
                ahead.clear();
            }
        }
        if (ahead.isEmpty()) {
            base = length + 1;
        }
    }

    /** Returns the number of the last message before the first one that is not confirmed; 0 if there is none. */
    long length() {
        return length;
    }
}
