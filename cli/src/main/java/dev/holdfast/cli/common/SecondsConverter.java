package dev.holdfast.cli.common;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts a decimal number of seconds, above 0 and up to 1,000,000,000, rounded up to nanoseconds. */
public final class SecondsConverter implements ITypeConverter<Duration> {
    private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(1_000_000_000);

    @Override
    public Duration convert(String value) {
        try {
            BigDecimal seconds = new BigDecimal(value);
            if (seconds.compareTo(MAX_SECONDS) <= 0) {
                long nanos = seconds.movePointRight(9)
                        .setScale(0, RoundingMode.CEILING)
                        .longValueExact();
                if (nanos > 0) {
                    return Duration.ofNanos(nanos);
                }
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new TypeConversionException(value + " (expected: seconds above 0, such as 30 or 0.5)");
    }
}
