package dev.holdfast.codegen.spec;

/** One thing wrong with the protocol file, and the line where it stands. */
public record Problem(int line, String message) {}
