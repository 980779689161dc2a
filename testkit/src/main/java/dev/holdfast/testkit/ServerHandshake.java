package dev.holdfast.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The server's side of channel 0: {@code start start-ok tune tune-ok open open-ok ... close close-ok}. Any credentials are
 * taken, and any virtual host.
 */
final class ServerHandshake {
    static final int HEADER_LENGTH = 8;

    private static final int FRAME_MAX_BEFORE_TUNE = 4096;
    private static final byte[] PROTOCOL = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

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

    /** Reads the protocol header; false if it is not ours, in which case the right one was written. */
    boolean header(ByteBuffer in) throws IOException {
        byte[] offered = new byte[HEADER_LENGTH];
        in.get(offered);
        if (!Arrays.equals(offered, PROTOCOL)) {
            out.raw(PROTOCOL);
            return false;
        }
        start();
        return true;
    }

    private void start() throws IOException {
        out.begin(0, MethodIds.CONNECTION_START).octet(0).octet(9);
        int properties = out.beginLength();
        out.textEntry("product", "Holdfast DiscardingBroker");
        out.shortString("capabilities").octet('F');
        int capabilities = out.beginLength();
        out.flagEntry("publisher_confirms")
                .flagEntry("basic.nack")
                .flagEntry("consumer_cancel_notify")
                .flagEntry("connection.blocked")
                .flagEntry("exchange_exchange_bindings")
                .flagEntry("authentication_failure_close");
        out.endLength(capabilities).endLength(properties);
        out.longString("PLAIN EXTERNAL").longString("en_US").end();
    }

    /** A method on channel 0; {@code in} holds its arguments and no more. */
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
                tuned(in);
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
                    "COMMAND_INVALID - method out of turn while in " + phase);
        }
        phase = next;
    }

    private void tuned(ByteBuffer in) throws ProtocolViolationException {
        in.getShort();
        int asked = in.getInt();
        int seconds = in.getShort() & 0xFFFF;
        int offered = tune.frameMax();
        if (asked < 0 || (asked != 0 && asked < FRAME_MAX_BEFORE_TUNE) || (offered != 0 && asked > offered)) {
            throw new ProtocolViolationException(
                    ProtocolViolationException.SYNTAX_ERROR,
                    "SYNTAX_ERROR - frame_max " + asked + " (expected: 4096.." + offered + ")");
        }
        frameMax = asked != 0 ? asked : offered != 0 ? offered : Integer.MAX_VALUE;
        heartbeat = seconds;
    }

    /** Writes connection.close. */
    void refuse(ProtocolViolationException violation) throws IOException {
        phase = Phase.CLOSED;
        out.begin(0, MethodIds.CONNECTION_CLOSE)
                .shortInt(violation.code())
                .shortString(String.valueOf(violation.getMessage()))
                .longInt(0)
                .end();
    }

    boolean opened() {
        return phase == Phase.OPENED;
    }

    boolean closed() {
        return phase == Phase.CLOSED;
    }

    /** The longest frame that the client may send now. */
    int frameMax() {
        return frameMax;
    }

    /** Seconds between heartbeats, 0 for none or not yet agreed. Any thread. */
    int heartbeatSeconds() {
        return heartbeat;
    }
}
