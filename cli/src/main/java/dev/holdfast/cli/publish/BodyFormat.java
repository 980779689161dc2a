package dev.holdfast.cli.publish;

import dev.holdfast.DecodeException;
import dev.holdfast.PublishOptions;
import dev.holdfast.cli.common.Utf8;
import dev.holdfast.serialization.Json;
import dev.holdfast.serialization.Serializer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a line of the input becomes. The first three send its own bytes; the others the document that it holds. */
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

    private static final Serializer DOCUMENTS = new Json();

    /** Whether a line's own bytes are sent. */
    boolean sendsLineBytes() {
        return compareTo(RAW) <= 0;
    }

    /** Says of the messages what they are. */
    PublishOptions applyTo(PublishOptions options) {
        return switch (this) {
            case JSON -> options.contentType("application/json").contentEncoding("utf-8");
            case TEXT -> options.contentType("text/plain").contentEncoding("utf-8");
            case RAW -> options.contentType("application/data").contentEncoding("binary");
            case YAML, MSGPACK, PICKLE -> options.serializer(toString());
        };
    }

    /** A check of lines of this format. */
    LineValidator validator() {
        return switch (this) {
            case JSON, YAML, MSGPACK, PICKLE -> new JsonValidator();
            case TEXT ->
                bytes -> Utf8.isValid(bytes) ? null : "not UTF-8 (expected: text; --serializer raw takes any bytes)";
            case RAW -> bytes -> null;
        };
    }

    /**
     * What the producer is given for a line that passed the check.
     *
     * @throws DecodeException if it is a document that cannot be sent so
     */
    Object toBody(byte[] line) {
        if (sendsLineBytes()) {
            return line;
        }
        Object document = DOCUMENTS.deserialize(line);
        if (document == null) {
            throw new DecodeException("null (expected: any other JSON document for --serializer " + this + ")", null);
        }
        return document;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Finds what is wrong with a line. */
    @FunctionalInterface
    interface LineValidator {
        /** What is wrong; null for nothing. */
        @Nullable
        String validate(byte[] bytes);
    }
}
