package dev.holdfast.codegen.spec;

import java.util.List;

/** A method of a class, with the names of the methods that answer it. */
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
