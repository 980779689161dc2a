package dev.holdfast.codegen.emit;

import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol.AmqpMethod;
import javax.lang.model.element.Modifier;

/** Generates a method without arguments, or with reserved ones only, as an enum with one constant. */
final class MethodSingletons {
    private MethodSingletons() {}

    static TypeSpec type(AmqpMethod method) {
        return TypeSpec.enumBuilder(method.javaType())
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("$L", Docs.text(method.label(), method.doc()))
                .addSuperinterface(Library.METHOD)
                .addEnumConstant("INSTANCE")
                .addField(MethodBodies.id(method))
                .addMethod(MethodBodies.decode(method)
                        .addStatement("return INSTANCE")
                        .build())
                .addMethods(MethodBodies.accessors(method))
                .addMethod(MethodBodies.encode(method))
                .build();
    }
}
