package dev.holdfast.codegen.emit;

import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Generates {@code UnknownMethodException}, thrown for class and method numbers that no method has. */
public final class UnknownMethodEmitter implements Emitter {
    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        TypeSpec type = TypeSpec.classBuilder(Library.UNKNOWN_METHOD)
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .superclass(RuntimeException.class)
                .addJavadoc("Thrown if the peer sends a method that the protocol does not define.")
                .addField(FieldSpec.builder(
                                TypeName.LONG, "serialVersionUID", Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
                        .initializer("1L")
                        .build())
                .addField(TypeName.INT, "classId", Modifier.PRIVATE, Modifier.FINAL)
                .addField(TypeName.INT, "methodId", Modifier.PRIVATE, Modifier.FINAL)
                .addMethod(constructor())
                .addMethod(accessor("classId", "Class number that the peer sent."))
                .addMethod(accessor("methodId", "Method number that the peer sent."))
                .build();
        return List.of(GeneratedFile.of(protocol, Library.PROTOCOL, type));
    }

    private static MethodSpec constructor() {
        return MethodSpec.constructorBuilder()
                .addModifiers(Modifier.PUBLIC)
                .addParameter(TypeName.INT, "classId")
                .addParameter(TypeName.INT, "methodId")
                .addStatement(
                        "super($S + classId + $S + methodId + $S)",
                        "unknown method: class ",
                        ", method ",
                        " (expected: a method of AMQP 0-9-1)")
                .addStatement("this.classId = classId")
                .addStatement("this.methodId = methodId")
                .build();
    }

    private static MethodSpec accessor(String name, String doc) {
        return MethodSpec.methodBuilder(name)
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("$L", doc)
                .returns(TypeName.INT)
                .addStatement("return $L", name)
                .build();
    }
}
