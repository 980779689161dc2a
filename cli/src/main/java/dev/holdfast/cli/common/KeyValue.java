package dev.holdfast.cli.common;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The value {@code key=value} of an option. The value may contain further equals signs. */
public record KeyValue(String key, String value) {
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
