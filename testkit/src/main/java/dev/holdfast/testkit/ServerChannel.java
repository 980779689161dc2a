package dev.holdfast.testkit;

import java.util.HashMap;
import java.util.Map;

/** State of one open channel of a discarding broker: content assembly, confirms and consumers. */
final class ServerChannel {
    /** No content is being received. */
    static final long NO_CONTENT = -1;
    /** basic.publish has arrived, its content header has not. */
    static final long HEADER_EXPECTED = -2;

    final int number;
    boolean confirmSelected;
    /** Whether this channel is in the list of channels that get an ack at the end of this read. */
    boolean ackDue;

    /** Sequence number of the last message published in confirm mode. */
    long publishSeqNo;
    /** Body bytes that have not arrived, or one of the two constants. */
    long remainingBody = NO_CONTENT;

    /** Deliveries to the consumers of prepared queues, by consumer tag. */
    final Map<String, DeliveryStream> streams = new HashMap<>();

    ServerChannel(int number) {
        this.number = number;
    }
}
