package dev.holdfast.cli.common;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The value {@code key=value} of an option. The value may contain further equals signs. */
public record KeyValue(String key, String value) {
    /** Returns the value with the type of its form: a boolean, an Integer, a Long or the text. */
    public Object typedValue() {
        return typed(value);
    }

    /** Returns the typed values by their keys; of equal keys the last. */
    public static Map<String, Object> table(List<KeyValue> entries) {
        Map<String, Object> table = new LinkedHashMap<>();
        entries.forEach(entry -> table.put(entry.key, entry.typedValue()));
        return table;
    }

    /** Returns a boolean for true and false, an Integer or Long for an integer, else the text. */
    static Object typed(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        try {
            long number = Long.parseLong(text);
            if (!Long.toString(number).equals(text)) {
                return text; // Not canonical, such as 007 or +1.
            }
            int intValue = (int) number;
            return intValue == number ? (Object) intValue : (Object) number;
        } catch (NumberFormatException e) {
            return text;
        }
    }

    /** Parses the text of an option. */
    public static final class Converter implements ITypeConverter<KeyValue> {
        @Override
        public KeyValue convert(String text) {
            int separator = text.indexOf('=');
            if (separator <= 0) {
                throw new TypeConversionException(text + " (expected: key=value)");
            }
            return new KeyValue(text.substring(0, separator), text.substring(separator + 1));
        }
    }
}
