package dev.holdfast.codegen.spec;

/**
 * A field of a method or a property of a content; {@code domain} is what the file names as its domain or type, and a
 * secret must not show in any text.
 */
public record FieldSpec(String name, String domain, boolean reserved, boolean secret, String doc, int line) {}
