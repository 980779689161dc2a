package dev.holdfast.codegen.spec;

/**
 * A field of a method or a property of a content. {@code domain} is the domain or type that the file names. A secret is
 * masked in every text.
 */
public record FieldSpec(String name, String domain, boolean reserved, boolean secret, String doc, int line) {}
