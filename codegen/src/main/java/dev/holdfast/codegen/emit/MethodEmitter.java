package dev.holdfast.codegen.emit;

import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Generates {@code Method}, the sealed interface of all methods. */
public final class MethodEmitter implements Emitter {
    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        TypeSpec.Builder type = TypeSpec.interfaceBuilder(Library.METHOD)
                .addModifiers(Modifier.PUBLIC, Modifier.SEALED)
                .addJavadoc("A method of the protocol with its arguments. Immutable if its tables are not modified.");
        for (Protocol.AmqpClass amqpClass : protocol.classes()) {
            amqpClass.methods().forEach(method -> type.addPermittedSubclass(method.javaType()));
        }
        type.addMethod(accessor("classId", TypeName.INT, "Number of the method's class."));
        type.addMethod(accessor("methodId", TypeName.INT, "Number of the method in its class."));
        type.addMethod(MethodSpec.methodBuilder("id")
                .addModifiers(Modifier.PUBLIC, Modifier.DEFAULT)
                .addJavadoc("Both numbers combined: the class in the upper 16 bits, the method in the lower 16 bits.")
                .returns(TypeName.INT)
                .addStatement("return classId() << 16 | methodId()")
                .build());
        type.addMethod(
                accessor("methodName", Library.STRING, "Class and method by name, such as {@code queue.declare}."));
        type.addMethod(accessor("hasContent", TypeName.BOOLEAN, "Whether a content header and a body follow."));
        type.addMethod(accessor(
                "synchronous",
                TypeName.BOOLEAN,
                "Whether the method is a request with a reply, unless its no-wait is set, or is itself a reply."));
        type.addMethod(MethodSpec.methodBuilder("encode")
                .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
                .addJavadoc("Writes the arguments, without the class and method number that precede them.")
                .addParameter(Library.WIRE_WRITER, "out")
                .build());
        GeneratedFile file = GeneratedFile.of(protocol, Library.PROTOCOL, type.build());
        return List.of(new GeneratedFile(file.path(), wrapPermits(file.content())));
    }

    /** Puts each permitted subtype on its own line; JavaPoet writes them all on one. */
    private static String wrapPermits(String content) {
        int from = content.indexOf(" permits ");
        int to = content.indexOf(" {", from);
        String permits = content.substring(from, to).replace(" permits ", "\n        permits ");
        return content.substring(0, from) + permits.replace(", ", ",\n                ") + content.substring(to);
    }

    private static MethodSpec accessor(String name, TypeName type, String doc) {
        return MethodSpec.methodBuilder(name)
                .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
                .addJavadoc("$L", doc)
                .returns(type)
                .build();
    }
}
