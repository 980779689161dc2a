package dev.holdfast.codegen.emit;

import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Writes the sealed interface above all methods. */
public final class MethodEmitter implements Emitter {
    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        TypeSpec.Builder type = TypeSpec.interfaceBuilder(Library.METHOD)
                .addModifiers(Modifier.PUBLIC, Modifier.SEALED)
                .addJavadoc(
                        "A method of the protocol with its arguments. Immutable as far as its tables are left alone.");
        for (Protocol.AmqpClass spoken : protocol.classes()) {
            spoken.methods().forEach(method -> type.addPermittedSubclass(method.javaType()));
        }
        type.addMethod(question("classId", TypeName.INT, "Number of the method's class."));
        type.addMethod(question("methodId", TypeName.INT, "Number of the method in its class."));
        type.addMethod(MethodSpec.methodBuilder("id")
                .addModifiers(Modifier.PUBLIC, Modifier.DEFAULT)
                .addJavadoc("Both numbers in one: the class in the upper half, the method in the lower.")
                .returns(TypeName.INT)
                .addStatement("return classId() << 16 | methodId()")
                .build());
        type.addMethod(
                question("methodName", Library.STRING, "Class and method by name, such as {@code queue.declare}."));
        type.addMethod(question("hasContent", TypeName.BOOLEAN, "Whether a content header and a body follow."));
        type.addMethod(question(
                "synchronous",
                TypeName.BOOLEAN,
                "Whether it asks for an answer, or is one, unless it says itself not to wait."));
        type.addMethod(MethodSpec.methodBuilder("encode")
                .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
                .addJavadoc("Writes the arguments, without the two numbers before them.")
                .addParameter(Library.WIRE_WRITER, "out")
                .build());
        return List.of(GeneratedFile.of(protocol, Library.PROTOCOL, type.build()));
    }

    private static MethodSpec question(String name, TypeName answer, String doc) {
        return MethodSpec.methodBuilder(name)
                .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
                .addJavadoc("$L", doc)
                .returns(answer)
                .build();
    }
}
