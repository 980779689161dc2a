package dev.holdfast.testkit;

import java.util.HashMap;
import java.util.Map;

/** What a discarding broker remembers of an open channel. */
final class ServerChannel {
    /** No content is under way. */
    static final long NO_CONTENT = -1;
    /** basic.publish came, its content header did not. */
    static final long HEADER_EXPECTED = -2;

    final int number;
    boolean confirming;
    /** Whether the confirms that are due at the end of this read include this channel. */
    boolean due;

    long published;
    /** Bytes of body still to come, or one of the two constants. */
    long bodyLeft = NO_CONTENT;

    /** The consumers that get something, by tag. */
    final Map<String, DeliveryStream> streams = new HashMap<>();

    ServerChannel(int number) {
        this.number = number;
    }
}
