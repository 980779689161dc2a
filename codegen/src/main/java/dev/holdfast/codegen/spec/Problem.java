package dev.holdfast.codegen.spec;

/** An error in the protocol file, with its line number. */
public record Problem(int line, String message) {}
