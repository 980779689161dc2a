package dev.holdfast.codegen.emit;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Argument;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol.AmqpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;

/** Generates a method with arguments as a record. */
final class MethodRecords {
    private MethodRecords() {}

    static TypeSpec type(AmqpMethod method) {
        MethodSpec.Builder components = MethodSpec.constructorBuilder();
        CodeBlock.Builder doc = CodeBlock.builder().add("$L\n", Docs.text(method.label(), method.doc()));
        for (Argument argument : method.components()) {
            components.addParameter(ParameterSpec.builder(argument.type().javaType(), argument.javaName())
                    .build());
            doc.add("\n$L", Docs.tag("@param " + argument.javaName(), argument.doc()));
        }
        TypeSpec.Builder type = TypeSpec.recordBuilder(method.javaType())
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc(doc.build())
                .recordConstructor(components.build())
                .addSuperinterface(Library.METHOD)
                .addField(MethodBodies.id(method))
                .addMethod(decode(method))
                .addMethods(MethodBodies.accessors(method))
                .addMethod(MethodBodies.encode(method));
        if (method.components().stream().anyMatch(Argument::secret)) {
            type.addMethod(maskedToString(method));
        }
        return type.build();
    }

    /** Returns the {@code toString} of a record with secrets masked: logs and exception messages contain methods. */
    private static MethodSpec maskedToString(AmqpMethod method) {
        List<CodeBlock> parts = new ArrayList<>();
        String prefix = method.javaType().simpleName() + "[";
        for (Argument argument : method.components()) {
            String label = prefix + argument.javaName() + "=";
            parts.add(
                    argument.secret()
                            ? CodeBlock.of("$S", label + "***")
                            : CodeBlock.of("$S + $L", label, argument.javaName()));
            prefix = ", ";
        }
        parts.add(CodeBlock.of("$S", "]"));
        return MethodSpec.methodBuilder("toString")
                .addAnnotation(Override.class)
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("Masks secret fields.")
                .returns(Library.STRING)
                .addStatement("return $L", CodeBlock.join(parts, "\n+ "))
                .build();
    }

    private static MethodSpec decode(AmqpMethod method) {
        String names = method.components().stream().map(Argument::javaName).collect(Collectors.joining(", "));
        return MethodBodies.decode(method)
                .addStatement("return new $T($L)", method.javaType(), names)
                .build();
    }
}
