package dev.holdfast.cli.common;

import dev.holdfast.ConnectionOptions;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts the URI of a broker. The connection is named {@code holdfast} unless the URI names it. */
public final class UriConverter implements ITypeConverter<ConnectionOptions> {
    @Override
    public ConnectionOptions convert(String value) {
        try {
            ConnectionOptions options = ConnectionOptions.parse(value);
            return options.connectionName() == null ? options.connectionName("holdfast") : options;
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
