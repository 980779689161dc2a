package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.FrameFormat;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A message in intact frames whose properties or body the client cannot read. */
enum UnreadableMessage {
    NESTED("field table nesting: 33", out -> FrameBytes.writeNestedTables(headers(out), 40)),
    NESTED_DEEPLY("field table nesting: 33", out -> FrameBytes.writeNestedTables(headers(out), 1000)),
    NESTED_ARRAYS("field array nesting: 33", out -> {
        headers(out).writeInt(2 + 5 * 40).writeByte(0);
        for (int inner = 39; inner >= 0; inner--) {
            out.writeByte('A').writeInt(5 * inner);
        }
        out.writeByte('V');
    }),
    UNKNOWN_TYPE(
            "field type: 0x5a", out -> headers(out).writeInt(2).writeByte(0).writeByte('Z')),
    VALUE_MISSING(
            "field value: 8 bytes", out -> headers(out).writeInt(2).writeByte(0).writeByte('l')),
    NAME_MISSING("short string: 5 bytes", out -> headers(out).writeInt(1).writeByte(5)),
    TABLE_LONGER_THAN_ITS_FRAME(
            "field table: 4294967295 bytes", out -> headers(out).writeInt(-1)),
    TABLE_LONGER_THAN_ITS_TABLE(
            "field table: 100 bytes",
            out -> headers(out).writeInt(6).writeByte(0).writeByte('F').writeInt(100)),
    ARRAY_LONGER_THAN_ITS_TABLE(
            "field array: 2147483647 bytes",
            out -> headers(out).writeInt(6).writeByte(0).writeByte('A').writeInt(Integer.MAX_VALUE)),
    TEXT_LONGER_THAN_ITS_TABLE(
            "long string: 4294967295 bytes",
            out -> headers(out).writeInt(6).writeByte(0).writeByte('S').writeInt(-1)),
    SHORT_STRING_LONGER_THAN_ITS_FRAME(
            "short string: 255 bytes",
            out -> out.writeShort(0x8000).writeByte(255).writeByte('a')),
    FLAGS_WITHOUT_VALUES("properties: ", out -> out.writeShort(0xFFFC)),
    FLAGS_OF_UNKNOWN_PROPERTIES("properties: ", out -> out.writeShort(2)),
    FLAGS_WITHOUT_END("properties: ", out -> {
        for (int i = 0; i < 1000; i++) {
            out.writeShort(1);
        }
    }),
    NO_FLAGS("properties: ", out -> {}),
    HEADERS_LARGER_THAN_FRAME_MAX("field table nesting: 33", out -> {
        int tables = headers(out).writerIndex();
        out.writeInt(0);
        FrameBytes.writeNestedTables(out.writeByte(1).writeByte('a').writeByte('F'), 33);
        out.writeByte(1).writeByte('b').writeByte('x').writeInt(140_000).writeZero(140_000);
        out.setInt(tables, out.writerIndex() - tables - 4);
    }),
    BODY_OVER_THE_LIMIT("body size: 1001 (expected: <= 1000", null);

    /** The limit of the body for a client that cannot read {@link #BODY_OVER_THE_LIMIT}. */
    static final int MAX_BODY = 1000;

    private static final String BODY = "intact";

    /** A part of the reason that the client states. */
    final String reason;

    @SuppressWarnings("ImmutableEnumChecker") // no lambda has state
    private final @Nullable Consumer<ByteBuf> properties;

    UnreadableMessage(String reason, @Nullable Consumer<ByteBuf> properties) {
        this.reason = reason;
        this.properties = properties;
    }

    private static ByteBuf headers(ByteBuf out) {
        return out.writeShort(0x2000);
    }

    /** Whether the body can be read. */
    boolean hasBody() {
        return properties != null;
    }

    /** The body, if it can be read. */
    byte[] body() {
        return BODY.getBytes(UTF_8);
    }

    /** The frames of the content on this channel. */
    byte[] content(int channel) {
        if (properties == null) {
            return FrameBytes.concat(
                    FrameBytes.header(channel, MAX_BODY + 1, MessageProperties.EMPTY.messageId("large")),
                    FrameBytes.body(channel, MAX_BODY),
                    FrameBytes.body(channel, 1));
        }
        return FrameBytes.concat(
                FrameBytes.header(channel, 60, 0, BODY.length(), properties),
                FrameBytes.frame(FrameFormat.BODY, channel, body()));
    }
}
