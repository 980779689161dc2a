package dev.holdfast.serialization;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A media type of RFC 9110, as in {@code application/json; charset="utf-8"}. Parameters other than {@code charset}, and
 * malformed ones, are ignored.
 *
 * @param essence type and subtype in lower case; any other text, in lower case, if it is no media type
 * @param charset the parameter {@code charset}, without quotes; null if there is none
 */
record MediaType(String essence, @Nullable String charset) {
    private static final char ESCAPE = '\\';

    static MediaType parse(String text) {
        int parameters = text.indexOf(';');
        return parameters < 0
                ? new MediaType(normalize(text), null)
                : new MediaType(normalize(text.substring(0, parameters)), charset(text, parameters));
    }

    private static String normalize(String text) {
        return text.strip().toLowerCase(Locale.ROOT);
    }

    /** Returns the charset in parameters, each of which begins with a semicolon. */
    private static @Nullable String charset(String text, int parameters) {
        int end = parameters;
        while (end < text.length()) {
            int begin = end + 1;
            int equals = find("=;", text, begin);
            if (equals == text.length() || text.charAt(equals) == ';') {
                end = equals; // no parameter
                continue;
            }
            StringBuilder value = new StringBuilder();
            end = readValue(text, equals + 1, value);
            if (normalize(text.substring(begin, equals)).equals("charset") && !value.isEmpty()) {
                return value.toString();
            }
        }
        return null;
    }

    /** Appends a token or the content of a quoted string, and returns the position of the next semicolon or the end. */
    private static int readValue(String text, int begin, StringBuilder value) {
        int at = begin;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at == text.length() || text.charAt(at) != '"') {
            int end = find(";", text, at);
            value.append(text.substring(at, end).strip());
            return end;
        }
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            if (text.charAt(at) == ESCAPE && at + 1 < text.length()) {
                at++;
            }
            value.append(text.charAt(at));
        }
        return find(";", text, at);
    }

    /** Returns the position of the first of these characters, or of the end. */
    private static int find(String characters, String text, int begin) {
        int at = begin;
        while (at < text.length() && characters.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    /** Returns the structured suffix of RFC 6839: {@code json} of {@code application/vnd.api+json}; empty for none. */
    String suffix() {
        int plus = essence.lastIndexOf('+');
        return plus < 0 ? "" : essence.substring(plus + 1);
    }

    boolean isText() {
        return essence.startsWith("text/");
    }

    /** Tells whether bodies of the type are bytes: images, sound, video, fonts, and bytes of no known format. */
    boolean isBinary() {
        return essence.equals("application/octet-stream")
                || essence.startsWith("image/")
                || essence.startsWith("audio/")
                || essence.startsWith("video/")
                || essence.startsWith("font/");
    }
}
