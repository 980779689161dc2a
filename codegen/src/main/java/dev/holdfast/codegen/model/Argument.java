package dev.holdfast.codegen.model;

/** A field or property whose domain is resolved. */
public record Argument(String name, String javaName, WireType type, boolean reserved, String doc) {}
