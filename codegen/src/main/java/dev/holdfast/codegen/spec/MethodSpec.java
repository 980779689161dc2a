package dev.holdfast.codegen.spec;

import java.util.List;

/** A method of the protocol file; {@code responses} are the names of the methods that reply to it. */
public record MethodSpec(
        String name,
        int index,
        boolean synchronous,
        boolean content,
        String label,
        String doc,
        List<String> responses,
        List<FieldSpec> fields,
        int line) {}
