package dev.holdfast.codegen.model;

/** A method field or content property with its resolved wire type. A secret is masked in every text. */
public record Argument(String name, String javaName, WireType type, boolean reserved, boolean secret, String doc) {}
