package dev.holdfast.codegen.spec;

/** A constant of the protocol file; {@code errorClass} is "soft-error", "hard-error", or empty if it is no error. */
public record ConstantSpec(String name, int value, String errorClass, String doc, int line) {}
