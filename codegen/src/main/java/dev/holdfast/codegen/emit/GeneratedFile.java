package dev.holdfast.codegen.emit;

import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Protocol;

/** A generated Java source, with its path relative to the output folder. */
public record GeneratedFile(String path, String content) {
    /** First characters of every generated file. */
    static final String MARKER = "// Generated from ";

    static GeneratedFile of(Protocol protocol, String packageName, TypeSpec type) {
        String content = JavaFile.builder(packageName, type)
                .indent("    ")
                .skipJavaLangImports(true)
                .build()
                .toString();
        return new GeneratedFile(path(packageName, type.name()), header(protocol) + content);
    }

    static String path(String packageName, String typeName) {
        return packageName.replace('.', '/') + "/" + typeName + ".java";
    }

    static String header(Protocol protocol) {
        return MARKER + "protocol-spec/" + protocol.source() + ". Do not edit.\n";
    }
}
