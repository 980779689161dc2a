package dev.holdfast.codegen.spec;

import java.util.List;

/** A class of the protocol; its own fields are the properties of its contents. */
public record ClassSpec(
        String name,
        String handler,
        int index,
        String label,
        String doc,
        List<FieldSpec> properties,
        List<MethodSpec> methods,
        int line) {}
