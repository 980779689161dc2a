package dev.holdfast.codegen.emit;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Argument;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol.AmqpMethod;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;

/** A method with arguments, as a record. */
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
        return TypeSpec.recordBuilder(method.javaType())
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc(doc.build())
                .recordConstructor(components.build())
                .addSuperinterface(Library.METHOD)
                .addField(MethodBodies.id(method))
                .addMethod(decode(method))
                .addMethods(MethodBodies.answers(method))
                .addMethod(MethodBodies.encode(method))
                .build();
    }

    private static MethodSpec decode(AmqpMethod method) {
        String names = method.components().stream().map(Argument::javaName).collect(Collectors.joining(", "));
        return MethodBodies.decode(method)
                .addStatement("return new $T($L)", method.javaType(), names)
                .build();
    }
}
