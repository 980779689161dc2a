package dev.holdfast.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The server side of channel 0: {@code start start-ok tune tune-ok open open-ok ... close close-ok}. Accepts any
 * credentials and any virtual host.
 */
final class ServerHandshake {
    static final int HEADER_LENGTH = 8;

    private static final int FRAME_MAX_BEFORE_TUNE = 4096;
    private static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

    private enum Phase {
        START_OK,
        TUNE_OK,
        OPEN,
        OPENED,
        CLOSED
    }

    private final TuneParameters tune;
    private final FrameWriter out;
    private Phase phase = Phase.START_OK;
    private int frameMax = FRAME_MAX_BEFORE_TUNE;
    private volatile int heartbeat;

    ServerHandshake(TuneParameters tune, FrameWriter out) {
        this.tune = tune;
        this.out = out;
    }

    /** Reads the protocol header. Writes the one of AMQP 0-9-1 and returns false if the client sent another. */
    boolean readProtocolHeader(ByteBuffer in) throws IOException {
        byte[] offered = new byte[HEADER_LENGTH];
        in.get(offered);
        if (!Arrays.equals(offered, PROTOCOL_HEADER)) {
            out.rawBytes(PROTOCOL_HEADER);
            return false;
        }
        start();
        return true;
    }

    private void start() throws IOException {
        out.begin(0, MethodIds.CONNECTION_START).octet(0).octet(9);
        int properties = out.beginLength();
        out.stringEntry("product", "Holdfast DiscardingBroker");
        out.shortString("capabilities").octet('F');
        int capabilities = out.beginLength();
        out.trueEntry("publisher_confirms")
                .trueEntry("basic.nack")
                .trueEntry("consumer_cancel_notify")
                .trueEntry("connection.blocked")
                .trueEntry("exchange_exchange_bindings")
                .trueEntry("authentication_failure_close");
        out.endLength(capabilities).endLength(properties);
        out.longString("PLAIN EXTERNAL").longString("en_US").end();
    }

    /** Handles a method on channel 0; {@code in} is limited to its arguments. */
    void method(int id, ByteBuffer in) throws IOException, ProtocolViolationException {
        switch (id) {
            case MethodIds.CONNECTION_START_OK -> {
                advance(Phase.START_OK, Phase.TUNE_OK);
                out.begin(0, MethodIds.CONNECTION_TUNE)
                        .shortInt(tune.channelMax())
                        .longInt(tune.frameMax())
                        .shortInt(tune.heartbeatSeconds())
                        .end();
            }
            case MethodIds.CONNECTION_TUNE_OK -> {
                advance(Phase.TUNE_OK, Phase.OPEN);
                tuneOk(in);
            }
            case MethodIds.CONNECTION_OPEN -> {
                advance(Phase.OPEN, Phase.OPENED);
                out.begin(0, MethodIds.CONNECTION_OPEN_OK).octet(0).end();
            }
            case MethodIds.CONNECTION_UPDATE_SECRET ->
                out.begin(0, MethodIds.CONNECTION_UPDATE_SECRET_OK).end();
            case MethodIds.CONNECTION_CLOSE -> {
                phase = Phase.CLOSED;
                out.begin(0, MethodIds.CONNECTION_CLOSE_OK).end();
            }
            case MethodIds.CONNECTION_CLOSE_OK -> phase = Phase.CLOSED;
            default ->
                throw new ProtocolViolationException(
                        ProtocolViolationException.COMMAND_INVALID,
                        "COMMAND_INVALID - method " + (id >>> 16) + "." + (id & 0xFFFF) + " on channel 0");
        }
    }

    private void advance(Phase expected, Phase next) throws ProtocolViolationException {
        if (phase != expected) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.COMMAND_INVALID,
                    "COMMAND_INVALID - unexpected method in phase " + phase);
        }
        phase = next;
    }

    private void tuneOk(ByteBuffer in) throws ProtocolViolationException {
        in.getShort();
        int requested = in.getInt();
        int seconds = in.getShort() & 0xFFFF;
        int proposed = tune.frameMax();
        if (requested < 0
                || (requested != 0 && requested < FRAME_MAX_BEFORE_TUNE)
                || (proposed != 0 && requested > proposed)) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.SYNTAX_ERROR,
                    "SYNTAX_ERROR - frame_max " + requested + " (expected: 4096.." + proposed + ")");
        }
        frameMax = requested != 0 ? requested : proposed != 0 ? proposed : Integer.MAX_VALUE;
        heartbeat = seconds;
    }

    /** Writes connection.close. */
    void writeClose(ProtocolViolationException violation) throws IOException {
        phase = Phase.CLOSED;
        out.begin(0, MethodIds.CONNECTION_CLOSE)
                .shortInt(violation.replyCode())
                .shortString(String.valueOf(violation.getMessage()))
                .longInt(0)
                .end();
    }

    boolean isOpen() {
        return phase == Phase.OPENED;
    }

    boolean isClosed() {
        return phase == Phase.CLOSED;
    }

    /** Returns the size in bytes of the largest frame that the client may send now. */
    int frameMax() {
        return frameMax;
    }

    /** Returns the seconds between heartbeats; 0 if there are none, or before tune-ok. Any thread. */
    int heartbeatSeconds() {
        return heartbeat;
    }
}
