package dev.holdfast.internal.text;

import dev.holdfast.DecodeException;
import dev.holdfast.SerializationException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Limits of the integers and decimals in a body: conversion between text and binary takes time in the square of the
 * digits, and arithmetic with a large exponent produces as many digits.
 */
public final class NumberLimits {
    /** As Jackson's default for numbers in JSON. */
    private static final int MAX_DIGITS = 1000;

    private static final int MAX_EXPONENT = 10_000;
    private static final BigInteger INTEGER_BOUND = BigInteger.TEN.pow(MAX_DIGITS);

    /** Bytes of the largest integer. */
    public static final int MAX_BYTES = INTEGER_BOUND.bitLength() / Byte.SIZE + 1;

    /** More characters than any number within the limits needs, with its sign, point and exponent. */
    private static final int MAX_CHARACTERS = MAX_DIGITS + 100;

    private static final Pattern NOT_FINITE =
            Pattern.compile("[+-]?(?:s?nan\\d*|(?<infinity>inf(?:inity)?))", Pattern.CASE_INSENSITIVE);

    private static final String INFINITY = "infinity";

    private NumberLimits() {}

    public static BigInteger integer(String text) {
        return check(new BigInteger(checkLength(text)));
    }

    /**
     * Parses a decimal of Python. It is a BigDecimal, or a Double if it is not finite: NaN of each kind, {@code
     * Infinity}, {@code -Infinity}.
     */
    public static Number decimal(String text) {
        Matcher special = NOT_FINITE.matcher(checkLength(text));
        if (!special.matches()) {
            return check(new BigDecimal(text));
        }
        if (special.group(INFINITY) == null) {
            return Double.NaN;
        }
        return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }

    /** Returns the text of a number, unless it is too long to be parsed. */
    public static String checkLength(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw tooLong("number of " + text.length() + " characters");
        }
        return text;
    }

    public static BigInteger check(BigInteger value) {
        if (value.abs().compareTo(INTEGER_BOUND) >= 0) {
            throw tooLong("integer of " + value.bitLength() + " bits");
        }
        return value;
    }

    public static BigDecimal check(BigDecimal value) {
        if (value.precision() > MAX_DIGITS) {
            throw tooLong("decimal of " + value.precision() + " digits");
        }
        if (Math.abs((long) value.scale()) > MAX_EXPONENT) {
            throw new DecodeException(
                    "decimal: exponent " + -(long) value.scale() + " (expected: -" + MAX_EXPONENT + " to "
                            + MAX_EXPONENT + ")",
                    null);
        }
        return value;
    }

    /** Refuses to write what {@link #check} refuses to read. */
    public static BigInteger requireReadable(BigInteger value) {
        return readable(value, NumberLimits::check);
    }

    /** Refuses to write what {@link #check} refuses to read. */
    public static BigDecimal requireReadable(BigDecimal value) {
        return readable(value, NumberLimits::check);
    }

    private static <T> T readable(T value, UnaryOperator<T> check) {
        try {
            return check.apply(value);
        } catch (DecodeException e) {
            throw new SerializationException(String.valueOf(e.getMessage()), null);
        }
    }

    public static DecodeException tooLong(String number) {
        return new DecodeException("body: " + number + " (expected: at most " + MAX_DIGITS + " digits)", null);
    }
}
