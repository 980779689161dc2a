package dev.holdfast.codegen.spec;

import java.util.List;

/** The content of a protocol file before any name is resolved. {@code source} is the name of the file. */
public record Spec(
        String source,
        int major,
        int minor,
        int revision,
        int port,
        List<ConstantSpec> constants,
        List<DomainSpec> domains,
        List<ClassSpec> classes) {}
