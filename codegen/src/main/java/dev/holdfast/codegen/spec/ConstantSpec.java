package dev.holdfast.codegen.spec;

/** A named number; {@code errorClass} is "soft-error", "hard-error", or empty for one that is no error. */
public record ConstantSpec(String name, int value, String errorClass, String doc, int line) {}
