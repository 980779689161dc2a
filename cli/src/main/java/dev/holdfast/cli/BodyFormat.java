package dev.holdfast.cli;

import dev.holdfast.PublishOptions;
import org.jspecify.annotations.Nullable;

/** What a line of the input is. In every case its own bytes are sent. */
enum BodyFormat {
    /** A JSON document. */
    JSON,
    /** Text in UTF-8. */
    TEXT,
    /** Bytes. */
    RAW;

    /** Says of the messages what they are. */
    PublishOptions describe(PublishOptions options) {
        return switch (this) {
            case JSON -> options.contentType("application/json").contentEncoding("utf-8");
            case TEXT -> options.contentType("text/plain").contentEncoding("utf-8");
            case RAW -> options.contentType("application/data").contentEncoding("binary");
        };
    }

    /** A check of lines of this format. */
    Check check() {
        return switch (this) {
            case JSON -> new JsonCheck();
            case TEXT ->
                bytes -> Utf8.isValid(bytes) ? null : "not UTF-8 (expected: text; --serializer raw takes any bytes)";
            case RAW -> bytes -> null;
        };
    }

    @Override
    public String toString() {
        return switch (this) {
            case JSON -> "json";
            case TEXT -> "text";
            case RAW -> "raw";
        };
    }

    /** Finds what is wrong with a line. */
    @FunctionalInterface
    interface Check {
        /** What is wrong; null for nothing. */
        @Nullable
        String flaw(byte[] bytes);
    }
}
