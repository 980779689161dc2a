package dev.holdfast.codegen.emit;

import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import dev.holdfast.codegen.model.Protocol.AmqpClass;
import dev.holdfast.codegen.model.Protocol.AmqpMethod;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Writes a holder for each class of the protocol, with its methods nested. */
public final class HolderEmitter implements Emitter {
    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        return protocol.classes().stream()
                .map(spoken -> GeneratedFile.of(protocol, Library.PROTOCOL, holder(spoken)))
                .toList();
    }

    private static TypeSpec holder(AmqpClass spoken) {
        TypeSpec.Builder type = TypeSpec.classBuilder(spoken.javaType())
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .addJavadoc("$L", Docs.text("class " + spoken.name() + ": " + spoken.label(), spoken.doc()))
                .addMethod(MethodSpec.constructorBuilder()
                        .addModifiers(Modifier.PRIVATE)
                        .build());
        for (AmqpMethod method : spoken.methods()) {
            boolean signal = method.components().isEmpty();
            type.addType(signal ? MethodSingletons.type(method) : MethodRecords.type(method));
        }
        return type.build();
    }
}
