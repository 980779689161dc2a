// Generated from protocol-spec/amqp0-9-1.xml. Do not edit.
package dev.holdfast.internal.protocol;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.wire.MalformedException;
import dev.holdfast.internal.wire.WireReader;
import dev.holdfast.internal.wire.WireWriter;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes the properties of a content: {@code flags(2) values}. The highest bit of the
 * flags represents the first property. The lowest bit announces another word of flags. A value is
 * present for each property whose bit is set, in the order of the properties.
 */
public final class PropertiesCodec {
    private PropertiesCodec() {
    }

    /**
     * Writes the flags and the values of the properties that are set.
     */
    public static void encode(MessageProperties properties, WireWriter out) {
        int flags = 0;
        @Nullable String contentType = properties.contentType();
        if (contentType != null) {
            flags |= 0x8000;
        }
        @Nullable String contentEncoding = properties.contentEncoding();
        if (contentEncoding != null) {
            flags |= 0x4000;
        }
        Map<String, Object> headers = properties.headers();
        if (!headers.isEmpty()) {
            flags |= 0x2000;
        }
        @Nullable Integer deliveryMode = properties.deliveryMode();
        if (deliveryMode != null) {
            flags |= 0x1000;
        }
        @Nullable Integer priority = properties.priority();
        if (priority != null) {
            flags |= 0x0800;
        }
        @Nullable String correlationId = properties.correlationId();
        if (correlationId != null) {
            flags |= 0x0400;
        }
        @Nullable String replyTo = properties.replyTo();
        if (replyTo != null) {
            flags |= 0x0200;
        }
        @Nullable String expiration = properties.expiration();
        if (expiration != null) {
            flags |= 0x0100;
        }
        @Nullable String messageId = properties.messageId();
        if (messageId != null) {
            flags |= 0x0080;
        }
        @Nullable Instant timestamp = properties.timestamp();
        if (timestamp != null) {
            flags |= 0x0040;
        }
        @Nullable String type = properties.type();
        if (type != null) {
            flags |= 0x0020;
        }
        @Nullable String userId = properties.userId();
        if (userId != null) {
            flags |= 0x0010;
        }
        @Nullable String appId = properties.appId();
        if (appId != null) {
            flags |= 0x0008;
        }
        @Nullable String reserved = properties.reserved();
        if (reserved != null) {
            flags |= 0x0004;
        }
        out.writeShort(flags);
        if (contentType != null) {
            out.writeShortString(contentType);
        }
        if (contentEncoding != null) {
            out.writeShortString(contentEncoding);
        }
        if (!headers.isEmpty()) {
            out.writeTable(headers);
        }
        if (deliveryMode != null) {
            out.writeOctet(deliveryMode);
        }
        if (priority != null) {
            out.writeOctet(priority);
        }
        if (correlationId != null) {
            out.writeShortString(correlationId);
        }
        if (replyTo != null) {
            out.writeShortString(replyTo);
        }
        if (expiration != null) {
            out.writeShortString(expiration);
        }
        if (messageId != null) {
            out.writeShortString(messageId);
        }
        if (timestamp != null) {
            out.writeTimestamp(timestamp);
        }
        if (type != null) {
            out.writeShortString(type);
        }
        if (userId != null) {
            out.writeShortString(userId);
        }
        if (appId != null) {
            out.writeShortString(appId);
        }
        if (reserved != null) {
            out.writeShortString(reserved);
        }
    }

    /**
     * Reads the flags and the values that follow them.
     *
     * @throws MalformedException if a flag represents no property, because the length of its value is unknown
     */
    public static MessageProperties decode(WireReader in) {
        int flags = readFlags(in);
        MessageProperties properties = MessageProperties.EMPTY;
        if ((flags & 0x8000) != 0) {
            properties = properties.contentType(in.readShortString());
        }
        if ((flags & 0x4000) != 0) {
            properties = properties.contentEncoding(in.readShortString());
        }
        if ((flags & 0x2000) != 0) {
            properties = properties.headers(in.readTable());
        }
        if ((flags & 0x1000) != 0) {
            properties = properties.deliveryMode(in.readOctet());
        }
        if ((flags & 0x0800) != 0) {
            properties = properties.priority(in.readOctet());
        }
        if ((flags & 0x0400) != 0) {
            properties = properties.correlationId(in.readShortString());
        }
        if ((flags & 0x0200) != 0) {
            properties = properties.replyTo(in.readShortString());
        }
        if ((flags & 0x0100) != 0) {
            properties = properties.expiration(in.readShortString());
        }
        if ((flags & 0x0080) != 0) {
            properties = properties.messageId(in.readShortString());
        }
        if ((flags & 0x0040) != 0) {
            properties = properties.timestamp(in.readTimestamp());
        }
        if ((flags & 0x0020) != 0) {
            properties = properties.type(in.readShortString());
        }
        if ((flags & 0x0010) != 0) {
            properties = properties.userId(in.readShortString());
        }
        if ((flags & 0x0008) != 0) {
            properties = properties.appId(in.readShortString());
        }
        if ((flags & 0x0004) != 0) {
            properties = properties.reserved(in.readShortString());
        }
        return properties;
    }

    private static int readFlags(WireReader in) {
        int flags = in.readShort();
        int unknown = flags & 0x0002;
        int last = flags;
        while ((last & 0x0001) != 0) {
            last = in.readShort();
            unknown |= last & 0xFFFE;
        }
        if (unknown != 0) {
            throw new MalformedException("property flags: unknown bits 0x"
                    + Integer.toHexString(unknown) + " (expected: only those of the 14 properties)");
        }
        return flags;
    }
}
