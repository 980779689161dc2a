package dev.holdfast.codegen.model;

/** A field or property whose domain is resolved; a secret must not show in any text. */
public record Argument(String name, String javaName, WireType type, boolean reserved, boolean secret, String doc) {}
