package dev.holdfast.internal.transport;

import dev.holdfast.Credentials;
import dev.holdfast.internal.wire.FieldTable;
import dev.holdfast.internal.wire.LongString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Encodes the responses of the SASL mechanisms PLAIN, AMQPLAIN and EXTERNAL. The responses are secrets. Stateless. */
public final class Sasl {
    private static final int TABLE_LENGTH_SIZE = 4;

    private Sasl() {}

    /** EXTERNAL needs none: the client certificate of the TLS handshake identifies the user. */
    public static boolean needsCredentials(String mechanism) {
        return !mechanism.equals("EXTERNAL");
    }

    /** The response of connection.start-ok and connection.secure-ok. */
    static LongString response(String mechanism, @Nullable Credentials credentials) {
        if (credentials == null) {
            return LongString.of("");
        }
        return switch (mechanism) {
            case "PLAIN" -> LongString.of("\0" + credentials.username() + "\0" + credentials.password());
            case "AMQPLAIN" -> amqplain(credentials);
            case "EXTERNAL" -> LongString.of("");
            default ->
                throw new IllegalArgumentException(
                        "saslMechanism: " + mechanism + " (expected: PLAIN, AMQPLAIN or EXTERNAL)");
        };
    }

    /** A field table without its length prefix. */
    private static LongString amqplain(Credentials credentials) {
        Map<String, Object> table = new LinkedHashMap<>();
        table.put("LOGIN", credentials.username());
        table.put("PASSWORD", credentials.password());
        ByteBuf buffer = Unpooled.buffer();
        FieldTable.write(buffer, table);
        return LongString.of(ByteBufUtil.getBytes(buffer.skipBytes(TABLE_LENGTH_SIZE)));
    }
}
