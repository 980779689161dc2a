package dev.holdfast.cli.publish;

import dev.holdfast.DecodeException;
import dev.holdfast.PublishOptions;
import dev.holdfast.cli.common.Utf8;
import dev.holdfast.serialization.Json;
import dev.holdfast.serialization.Serializer;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The format of the body that a line of input becomes. The first three send the bytes of the line; the others convert
 * the JSON document in it.
 */
enum BodyFormat {
    /** A JSON document. */
    JSON,
    /** Text in UTF-8. */
    TEXT,
    /** Bytes. */
    RAW,
    /** A JSON document, sent as YAML. */
    YAML,
    /** A JSON document, sent as MessagePack. */
    MSGPACK,
    /** A JSON document, sent as a pickle. */
    PICKLE;

    private static final Serializer DOCUMENTS = Json.kombu();

    /** Returns whether the bytes of the line are sent unchanged. */
    boolean sendsLineBytes() {
        return compareTo(RAW) <= 0;
    }

    /**
     * Returns the line without a byte order mark. It is the signature of an encoding, not text: JSON must not have one
     * (RFC 8259), and files that were concatenated have several. Bytes are kept.
     */
    byte[] withoutByteOrderMark(byte[] line, boolean firstLine) {
        boolean mark = line.length >= 3 && line[0] == (byte) 0xEF && line[1] == (byte) 0xBB && line[2] == (byte) 0xBF;
        return mark && this != RAW && (firstLine || this != TEXT) ? Arrays.copyOfRange(line, 3, line.length) : line;
    }

    /** Sets content type and encoding, or the serializer. */
    PublishOptions applyTo(PublishOptions options) {
        return switch (this) {
            case JSON -> options.contentType("application/json").contentEncoding("utf-8");
            case TEXT -> options.contentType("text/plain").contentEncoding("utf-8");
            case RAW -> options.contentType("application/data").contentEncoding("binary");
            case YAML, MSGPACK, PICKLE -> options.serializer(toString());
        };
    }

    /** Refuses a property that says something else than what is sent: a line of JSON or text is sent as UTF-8. */
    void checkProperty(String key, String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        boolean utf8 = !key.equals("content-encoding") || lower.equals("utf-8");
        utf8 &= !key.equals("content-type") || !lower.contains("charset") || lower.contains("utf-8");
        if ((this == JSON || this == TEXT) && !utf8) {
            throw new IllegalArgumentException(
                    "--property " + key + ": " + value + " (expected: utf-8, or --serializer raw)");
        }
    }

    /** Returns a validator of lines of this format. */
    LineValidator validator() {
        return switch (this) {
            case JSON, YAML, MSGPACK, PICKLE -> new JsonValidator();
            case TEXT -> bytes -> Utf8.isValid(bytes) ? null : "not UTF-8 (expected: UTF-8 text, or --serializer raw)";
            case RAW -> bytes -> null;
        };
    }

    /**
     * Returns the object to publish for a valid line.
     *
     * @throws DecodeException if the document cannot be a body
     */
    Object toBody(byte[] line) {
        if (sendsLineBytes()) {
            return line;
        }
        Object document = DOCUMENTS.deserialize(line);
        if (document == null) {
            throw new DecodeException(
                    "null (expected: a JSON document other than null for --serializer " + this + ")", null);
        }
        return document;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Validates the bytes of a line. */
    @FunctionalInterface
    interface LineValidator {
        /** Returns what is invalid; null if the line is valid. */
        @Nullable
        String validate(byte[] bytes);
    }
}
