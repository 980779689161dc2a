package dev.holdfast.codegen.spec;

/** A domain of the protocol file: an alias of another domain or of an elementary type. */
public record DomainSpec(String name, String type, String label, int line) {}
