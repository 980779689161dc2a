package dev.holdfast.codegen.spec;

/** A name for a use of another domain or of an elementary type. */
public record DomainSpec(String name, String type, String label, int line) {}
