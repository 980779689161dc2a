package dev.holdfast.internal.frame;

import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.wire.WireReader;
import io.netty.buffer.ByteBuf;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.Set;

/**
 * Formats a frame as one aligned line of text: direction, channel, type, payload size, and the decoded payload.
 *
 * <pre>
 *   &gt;&gt; ch=1   METHOD   17 queue.declare queue=video durable
 *   &gt;&gt; ch=1   HEADER   25 size=5 properties={contentType=text/plain}
 *   &lt;&lt; ch=1   BODY      5
 *   &lt;&lt; ch=0   BEAT      0
 * </pre>
 *
 * Arguments that are false or empty are left out, true ones are named alone, secrets are masked, control characters are
 * escaped and long values cut. Bodies are not shown. Stateless.
 */
public final class FrameFormatter {
    private static final Set<String> SECRETS = Set.of(
            "connection.start-ok response",
            "connection.secure challenge",
            "connection.secure-ok response",
            "connection.update-secret newSecret");
    private static final int MAX_VALUE = 1000;

    private FrameFormatter() {}

    /**
     * Formats a frame whose payload of {@code length} bytes starts at {@code index}. The indexes of the buffer are not
     * changed.
     */
    public static String line(String direction, int type, int channel, ByteBuf in, int index, int length) {
        String text = switch (type) {
            case FrameFormat.METHOD -> method(in.slice(index, length));
            case FrameFormat.HEADER -> header(in.slice(index, length));
            default -> "";
        };
        return String.format("%s ch=%-3d %-6s %4d %s", direction, channel, name(type), length, text)
                .stripTrailing();
    }

    private static String name(int type) {
        return switch (type) {
            case FrameFormat.METHOD -> "METHOD";
            case FrameFormat.HEADER -> "HEADER";
            case FrameFormat.BODY -> "BODY";
            case FrameFormat.HEARTBEAT -> "BEAT";
            default -> "TYPE" + type;
        };
    }

    private static String method(ByteBuf payload) {
        try {
            return method(FrameFormat.readMethod(payload, payload.readableBytes()));
        } catch (RuntimeException | ReflectiveOperationException e) {
            return "unreadable: " + e.getMessage();
        }
    }

    private static String method(Method method) throws ReflectiveOperationException {
        StringBuilder text = new StringBuilder(method.methodName());
        RecordComponent[] components = method.getClass().getRecordComponents();
        if (components == null) {
            return text.toString();
        }
        for (RecordComponent component : components) {
            append(
                    text,
                    method.methodName(),
                    component.getName(),
                    component.getAccessor().invoke(method));
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String method, String name, Object value) {
        if (value.equals(false) || value.equals("") || value.equals(Map.of())) {
            return;
        }
        text.append(' ').append(name.endsWith("_") ? name.substring(0, name.length() - 1) : name);
        if (SECRETS.contains(method + " " + name)) {
            text.append("=***");
        } else if (!value.equals(true)) {
            text.append('=').append(value instanceof Map<?, ?> table ? printable(table.toString()) : quoted(value));
        }
    }

    private static String header(ByteBuf payload) {
        try {
            WireReader reader = new WireReader(payload);
            reader.readLong(); // class and weight
            long size = reader.readLongLong();
            String properties = PropertiesCodec.decode(reader).toString();
            return "size=" + size + " properties=" + printable(properties.substring(properties.indexOf('{')));
        } catch (RuntimeException e) {
            return "unreadable: " + e.getMessage();
        }
    }

    private static String quoted(Object value) {
        String text = printable(value.toString());
        return text.indexOf(' ') >= 0 ? "'" + text + "'" : text;
    }

    /** Escapes control characters, so that a value from the peer cannot break the line. */
    private static String printable(String value) {
        StringBuilder text = new StringBuilder(Math.min(value.length(), MAX_VALUE) + 3);
        for (int i = 0; i < value.length() && i < MAX_VALUE; i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c)) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return value.length() > MAX_VALUE ? text.append("...").toString() : text.toString();
    }
}
