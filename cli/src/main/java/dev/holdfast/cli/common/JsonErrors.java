package dev.holdfast.cli.common;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with JSON in words for users: those of Jackson name its classes and features. */
public final class JsonErrors {
    private static final Pattern CHARACTER = Pattern.compile("character \\('(.+?)' \\(code (\\d+)");
    private static final Pattern CONTROL = Pattern.compile("CTRL-CHAR, code (\\d+)");
    private static final Pattern TOKEN = Pattern.compile("Unrecognized token '(.*?)'", Pattern.DOTALL);
    private static final Pattern ESCAPE = Pattern.compile("Unrecognized character escape '?(.+?)'?( |$)");

    /** What Jackson's messages contain for programmers. */
    private static final Pattern PROGRAMMERS = Pattern.compile(
            "\\s*\\([^()]*`[^()]*(\\(\\))?[^()]*\\)|\\s*at \\[Source.*|\\s*\\(through reference chain.*",
            Pattern.DOTALL);

    static final String UNEXPECTED_TYPE = "a value has an unexpected type";

    private static final Pattern NAMES = Pattern.compile("`|fasterxml|\\bjava\\.");
    private static final Pattern CLOSE = Pattern.compile("close marker '(.)'");
    private static final Pattern NON_STANDARD = Pattern.compile("Non-standard token '(.*?)'");

    private JsonErrors() {}

    /** Returns the reason and its place. */
    public static String describe(JsonProcessingException e) {
        if (!(e instanceof JsonParseException) && e.getCause() instanceof RuntimeException own) {
            return ErrorHandler.describe(own); // of a type that the library reads itself
        }
        JsonLocation at = e.getLocation();
        return reason(e) + (at == null || at.getColumnNr() <= 0 ? "" : place(at));
    }

    private static String place(JsonLocation at) {
        return at.getLineNr() > 1
                ? " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")"
                : " (column " + at.getColumnNr() + ")";
    }

    private static String reason(JsonProcessingException e) {
        if (e instanceof JsonEOFException) {
            return "unexpected end";
        }
        String message = String.valueOf(e.getOriginalMessage());
        if (!(e instanceof JsonParseException) || e instanceof StreamConstraintsException) {
            String words = ErrorHandler.oneLine(PROGRAMMERS.matcher(message).replaceAll(""));
            return words.isBlank() || NAMES.matcher(words).find() ? UNEXPECTED_TYPE : words;
        }
        Matcher control = CONTROL.matcher(message);
        if (control.find()) {
            return "unexpected " + character(Integer.parseInt(control.group(1)));
        }
        Matcher character = CHARACTER.matcher(message);
        if (character.find()) {
            return "unexpected " + character(Integer.parseInt(character.group(2)));
        }
        String token = first(TOKEN, message);
        token = token == null ? first(NON_STANDARD, message) : token;
        token = token == null ? first(CLOSE, message) : token;
        if (token != null) {
            return "unexpected '" + ErrorHandler.oneLine(token) + "'";
        }
        if (ESCAPE.matcher(message).find()) {
            return "invalid escape in a string";
        }
        return message.contains("umeric") || message.contains("number") ? "invalid number" : "invalid syntax";
    }

    private static @Nullable String first(Pattern pattern, String message) {
        Matcher matcher = pattern.matcher(message);
        return matcher.find() ? matcher.group(1) : null;
    }

    private static String character(int code) {
        return code > ' ' && code < 0x7F ? "'" + (char) code + "'" : String.format("character U+%04X", code);
    }
}
