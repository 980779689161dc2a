package dev.holdfast.codegen.spec;

import java.util.List;

/** A class of the protocol file; {@code properties} are the fields of the class itself, which describe its contents. */
public record ClassSpec(
        String name,
        String handler,
        int index,
        String label,
        String doc,
        List<FieldSpec> properties,
        List<MethodSpec> methods,
        int line) {}
