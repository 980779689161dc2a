package dev.holdfast.scripted;

import static dev.holdfast.internal.frame.FrameFormat.BODY;
import static dev.holdfast.internal.frame.FrameFormat.HEADER;
import static dev.holdfast.internal.frame.FrameFormat.HEARTBEAT;
import static dev.holdfast.internal.frame.FrameFormat.METHOD;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.testing.RandomMethods;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * A violation of the protocol by the peer, as bytes for a channel, and the reply code with which the client must close
 * the connection. Code 0: the bytes are legal or tolerated, and the connection stays open.
 */
record ProtocolViolation(String name, IntFunction<byte[]> bytes, ToIntFunction<ClientState> code) {
    static final int NONE = 0;
    static final int FRAME_ERROR = 501;
    static final int SYNTAX_ERROR = 502;
    static final int COMMAND_INVALID = 503;
    static final int CHANNEL_ERROR = 504;
    static final int UNEXPECTED_FRAME = 505;
    static final int PRECONDITION_FAILED = 406;

    private static final int UNOPENED_CHANNEL = 4242;
    private static final int MAX_FIXED_FRAME = 1 << 24;
    private static final int DECLARE_WITHOUT_TABLE = 4;
    private static final BasicMethods.Deliver DELIVER =
            new BasicMethods.Deliver(ScriptedConsumer.GENERATED_TAG, 1, false, "", "q");

    private static ProtocolViolation always(int code, String name, IntFunction<byte[]> bytes) {
        return new ProtocolViolation(name, bytes, state -> code);
    }

    /** Malformed frames, after which the start of the next frame is unknown. */
    static List<ProtocolViolation> frames(int frameMax) {
        List<ProtocolViolation> all = new ArrayList<>();
        for (int type : new int[] {0, 4, 5, 6, 7, 9, 10, 255}) {
            all.add(always(FRAME_ERROR, "frame type " + type, channel -> FrameBytes.frame(type, channel, new byte[0])));
        }
        for (int end : new int[] {0, 1, 0xCD, 0xEC, 0xFF}) {
            all.add(always(
                    FRAME_ERROR,
                    "method with end " + end,
                    channel -> FrameBytes.frame(METHOD, channel, FrameBytes.payload(DELIVER), end)));
            all.add(always(
                    FRAME_ERROR,
                    "body with end " + end,
                    channel -> FrameBytes.frame(BODY, channel, new byte[20], end)));
        }
        for (int type : new int[] {METHOD, HEADER, BODY, HEARTBEAT}) {
            long tooLarge = (type == BODY ? frameMax : MAX_FIXED_FRAME) - 7L;
            for (long size : new long[] {tooLarge, 1 << 24, (1L << 31) - 1, 1L << 31, (1L << 32) - 1}) {
                all.add(always(
                        FRAME_ERROR,
                        "frame of type " + type + " that claims " + size + " bytes",
                        channel -> FrameBytes.frameStart(type, channel, size)));
            }
        }
        all.add(always(FRAME_ERROR, "heartbeat on channel 1", channel -> FrameBytes.frame(HEARTBEAT, 1, new byte[0])));
        all.add(always(
                FRAME_ERROR, "heartbeat with a payload", channel -> FrameBytes.frame(HEARTBEAT, 0, new byte[1])));
        return all;
    }

    /** Methods that cannot be decoded. */
    static List<ProtocolViolation> malformed(long seed) {
        List<ProtocolViolation> all = new ArrayList<>();
        for (int size = 0; size < 4; size++) {
            byte[] payload = new byte[size];
            all.add(method(SYNTAX_ERROR, "method of " + size + " bytes", payload));
        }
        for (int[] id :
                new int[][] {{0, 0}, {10, 0}, {10, 99}, {20, 99}, {50, 99}, {60, 12}, {70, 1}, {65535, 65535}}) {
            all.add(method(COMMAND_INVALID, "unknown method " + Arrays.toString(id), id[0], id[1], out -> {}));
        }
        all.add(method(
                SYNTAX_ERROR,
                "short string longer than its frame",
                60,
                30,
                out -> out.writeByte(255).writeShort(0x4142)));
        all.add(method(
                SYNTAX_ERROR,
                "long string of 2^32-1",
                10,
                20,
                out -> out.writeInt(-1).writeInt(0)));
        all.add(method(
                SYNTAX_ERROR,
                "long string of 2^31-1",
                10,
                20,
                out -> out.writeInt(Integer.MAX_VALUE).writeInt(0)));
        all.add(table("table of 2^31-1 bytes", out -> out.writeInt(Integer.MAX_VALUE)));
        all.add(table("table of 2^32-1 bytes", out -> out.writeInt(-1)));
        all.add(table(
                "table in a table larger than it",
                out -> out.writeInt(6).writeByte(0).writeByte('F').writeInt(100)));
        all.add(table(
                "array of 2^32-1 bytes",
                out -> out.writeInt(6).writeByte(0).writeByte('A').writeInt(-1)));
        all.add(table(
                "bytes of 2^31-1",
                out -> out.writeInt(6).writeByte(0).writeByte('x').writeInt(Integer.MAX_VALUE)));
        all.add(table(
                "field of unknown type", out -> out.writeInt(2).writeByte(0).writeByte('Z')));
        all.add(table(
                "field without a value", out -> out.writeInt(2).writeByte(0).writeByte('l')));
        all.add(table("table that ends in a name", out -> out.writeInt(1).writeByte(5)));
        all.add(table("tables nested 33 deep", out -> FrameBytes.writeNestedTables(out, 33)));
        all.add(table("tables nested 10,000 deep", out -> FrameBytes.writeNestedTables(out, 10_000)));
        Random random = new Random(seed);
        RandomMethods.types().forEach(type -> {
            byte[] payload = FrameBytes.payload(RandomMethods.of(type, random));
            byte[] cut = Arrays.copyOf(payload, random.nextInt(payload.length));
            all.add(method(SYNTAX_ERROR, type.getSimpleName() + " cut to " + cut.length + " bytes", cut));
        });
        return all;
    }

    private static ProtocolViolation method(
            int code, String name, int classId, int methodId, Consumer<ByteBuf> arguments) {
        return method(code, name, FrameBytes.payload(classId, methodId, arguments));
    }

    private static ProtocolViolation method(int code, String name, byte[] payload) {
        return always(code, name, channel -> FrameBytes.frame(METHOD, channel, payload));
    }

    /** A queue.declare with this arguments table. */
    private static ProtocolViolation table(String name, Consumer<ByteBuf> table) {
        return method(SYNTAX_ERROR, name, 50, 10, out -> table.accept(out.writeZero(DECLARE_WITHOUT_TABLE)));
    }

    /** Every method where it is not expected: on channel 0, on a channel that is not open, on one that is in use. */
    static List<ProtocolViolation> outOfPlace(long seed) {
        List<ProtocolViolation> all = new ArrayList<>();
        Random random = new Random(seed);
        RandomMethods.types().forEach(type -> {
            Method method = RandomMethods.of(type, random);
            String name = method.methodName();
            boolean allowed = method instanceof ConnectionMethods.Close
                    || method == ConnectionMethods.Unblocked.INSTANCE
                    || method instanceof ConnectionMethods.Blocked
                    || method == ConnectionMethods.UpdateSecretOk.INSTANCE;
            if (!allowed) {
                all.add(always(COMMAND_INVALID, name + " on channel 0", channel -> FrameBytes.method(0, method)));
            }
            all.add(always(
                    CHANNEL_ERROR,
                    name + " on a channel that is not open",
                    channel -> FrameBytes.method(UNOPENED_CHANNEL, method)));
            all.add(new ProtocolViolation(
                    name + " that is not expected",
                    channel -> FrameBytes.method(channel, method),
                    state -> code(method, state)));
        });
        return all;
    }

    private static int code(Method method, ClientState state) {
        boolean endsChannel = method instanceof ChannelMethods.Close;
        if (state == ClientState.CLOSING_CHANNEL || endsChannel) {
            return NONE;
        }
        if (state == ClientState.RECEIVING_CONTENT) {
            return method instanceof ChannelMethods.CloseOk ? COMMAND_INVALID : UNEXPECTED_FRAME;
        }
        boolean legal = method instanceof ChannelMethods.Flow
                || method instanceof BasicMethods.Cancel
                || method instanceof BasicMethods.Deliver
                || method instanceof BasicMethods.Return
                || (state == ClientState.AWAITING_REPLY
                        && (method instanceof BasicMethods.GetOk || method == BasicMethods.GetEmpty.INSTANCE));
        if (legal) {
            return NONE;
        }
        boolean confirm = method instanceof BasicMethods.Ack || method instanceof BasicMethods.Nack;
        return confirm && state.confirms ? PRECONDITION_FAILED : COMMAND_INVALID;
    }

    /** Content frames out of sequence, or with wrong sizes or properties. */
    static List<ProtocolViolation> contents() {
        List<ProtocolViolation> all = new ArrayList<>();
        content(all, UNEXPECTED_FRAME, "header for no method", c -> header(c, 5));
        content(all, UNEXPECTED_FRAME, "body for no header", c -> FrameBytes.body(c, 20));
        content(
                all,
                UNEXPECTED_FRAME,
                "body before its header",
                c -> FrameBytes.concat(deliver(c), FrameBytes.body(c, 20)));
        content(all, UNEXPECTED_FRAME, "two headers", c -> FrameBytes.concat(deliver(c), header(c, 5), header(c, 5)));
        content(all, UNEXPECTED_FRAME, "two deliveries at once", c -> FrameBytes.concat(deliver(c), deliver(c)));
        content(
                all,
                UNEXPECTED_FRAME,
                "longer than declared",
                c -> FrameBytes.concat(deliver(c), header(c, 5), FrameBytes.body(c, 4), FrameBytes.body(c, 4)));
        content(
                all,
                UNEXPECTED_FRAME,
                "body although its size is 0",
                c -> FrameBytes.concat(deliver(c), header(c, 0), FrameBytes.body(c, 20)));
        content(
                all,
                UNEXPECTED_FRAME,
                "a method inside",
                c -> FrameBytes.concat(deliver(c), header(c, 5), FrameBytes.method(c, new BasicMethods.Ack(1, false))));
        content(
                all,
                UNEXPECTED_FRAME,
                "channel.flow inside",
                c -> FrameBytes.concat(deliver(c), header(c, 5), FrameBytes.method(c, new ChannelMethods.Flow(true))));
        for (long size : new long[] {(128 << 20) + 1, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            all.add(unreadable(
                    "body of " + Long.toUnsignedString(size) + " bytes",
                    c -> FrameBytes.concat(deliver(c), header(c, size))));
        }
        all.add(new ProtocolViolation(
                "content: header of 11 bytes",
                c -> FrameBytes.concat(deliver(c), FrameBytes.frame(HEADER, c, new byte[11])),
                state -> switch (state) {
                    case CLOSING_CHANNEL -> NONE;
                    case RECEIVING_CONTENT -> UNEXPECTED_FRAME;
                    default -> SYNTAX_ERROR;
                }));
        content(
                all,
                UNEXPECTED_FRAME,
                "header of another class",
                c -> FrameBytes.concat(deliver(c), FrameBytes.header(c, 10, 0, 5, out -> out.writeShort(0))));
        content(
                all,
                UNEXPECTED_FRAME,
                "header with a weight",
                c -> FrameBytes.concat(deliver(c), FrameBytes.header(c, 60, 1, 5, out -> out.writeShort(0))));
        all.add(undecodable("flags without values", out -> out.writeShort(0xFFFE)));
        all.add(undecodable("endless property flags", out -> {
            for (int i = 0; i < 10_000; i++) {
                out.writeShort(1);
            }
        }));
        all.add(undecodable("flags of unknown properties", out -> out.writeShort(2)));
        all.add(undecodable(
                "headers nested 10,000 deep", out -> FrameBytes.writeNestedTables(out.writeShort(0x2000), 10_000)));
        all.add(undecodable(
                "headers of 2^32-1 bytes", out -> out.writeShort(0x2000).writeInt(-1)));
        all.add(always(CHANNEL_ERROR, "header on a channel that is not open", c -> header(UNOPENED_CHANNEL, 5)));
        all.add(always(CHANNEL_ERROR, "body on a channel that is not open", c -> FrameBytes.body(UNOPENED_CHANNEL, 5)));
        all.add(always(UNEXPECTED_FRAME, "header on channel 0", c -> header(0, 5)));
        all.add(always(UNEXPECTED_FRAME, "body on channel 0", c -> FrameBytes.body(0, 5)));
        return all;
    }

    private static byte[] deliver(int channel) {
        return FrameBytes.method(channel, DELIVER);
    }

    private static byte[] header(int channel, long size) {
        return FrameBytes.header(channel, size, MessageProperties.EMPTY);
    }

    /** Adds a violation in every state but that in which the channel discards content. */
    private static void content(List<ProtocolViolation> all, int code, String name, IntFunction<byte[]> bytes) {
        all.add(new ProtocolViolation(
                "content: " + name, bytes, state -> state == ClientState.CLOSING_CHANNEL ? NONE : code));
    }

    private static ProtocolViolation undecodable(String name, Consumer<ByteBuf> properties) {
        return unreadable(name, c -> FrameBytes.concat(deliver(c), FrameBytes.header(c, 60, 0, 5, properties)));
    }

    /** The start of a delivery that cannot be read, which is a violation only inside the content of another. */
    private static ProtocolViolation unreadable(String name, IntFunction<byte[]> bytes) {
        return new ProtocolViolation(
                "content: " + name, bytes, state -> state == ClientState.RECEIVING_CONTENT ? UNEXPECTED_FRAME : NONE);
    }

    /** Confirms of delivery tags that were not published. */
    static List<ProtocolViolation> confirms() {
        List<ProtocolViolation> all = new ArrayList<>();
        for (long tag : new long[] {3, 4, 1000, 1L << 31, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            for (boolean multiple : new boolean[] {false, true}) {
                all.add(confirm(new BasicMethods.Ack(tag, multiple)));
                all.add(confirm(new BasicMethods.Nack(tag, multiple, false)));
            }
        }
        all.add(confirm(new BasicMethods.Ack(0, false)));
        all.add(confirm(new BasicMethods.Nack(0, false, true)));
        return all;
    }

    private static ProtocolViolation confirm(Method confirm) {
        return new ProtocolViolation(
                confirm + " of nothing", channel -> FrameBytes.method(channel, confirm), state -> code(confirm, state));
    }

    @Override
    public String toString() {
        return name;
    }
}
