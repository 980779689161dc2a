package dev.holdfast.codegen.spec;

/** A field of a method or a property of a content; {@code domain} is what the file names as its domain or type. */
public record FieldSpec(String name, String domain, boolean reserved, String doc, int line) {}
