package dev.holdfast.codegen.emit;

import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import dev.holdfast.codegen.model.Protocol.AmqpClass;
import dev.holdfast.codegen.model.Protocol.AmqpMethod;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Generates a holder type for each AMQP class, with a nested type for each of its methods. */
public final class HolderEmitter implements Emitter {
    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        return protocol.classes().stream()
                .map(amqpClass -> GeneratedFile.of(protocol, Library.PROTOCOL, holder(amqpClass)))
                .toList();
    }

    private static TypeSpec holder(AmqpClass amqpClass) {
        TypeSpec.Builder type = TypeSpec.classBuilder(amqpClass.javaType())
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .addJavadoc("$L", Docs.text("class " + amqpClass.name() + ": " + amqpClass.label(), amqpClass.doc()))
                .addMethod(MethodSpec.constructorBuilder()
                        .addModifiers(Modifier.PRIVATE)
                        .build());
        for (AmqpMethod method : amqpClass.methods()) {
            boolean noArguments = method.components().isEmpty();
            type.addType(noArguments ? MethodSingletons.type(method) : MethodRecords.type(method));
        }
        return type.build();
    }
}
