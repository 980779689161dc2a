package dev.holdfast.codegen.emit;

import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Generates {@code ProtocolConstants}: frame types and sizes, version, port. Excludes the reply codes. */
public final class ProtocolConstantsEmitter implements Emitter {
    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        TypeSpec.Builder type = TypeSpec.classBuilder(Library.CONSTANTS)
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .addJavadoc("Constants of the protocol: frame types and sizes, version, port.")
                .addMethod(MethodSpec.constructorBuilder()
                        .addModifiers(Modifier.PRIVATE)
                        .build());
        for (Protocol.Constant constant : protocol.constants()) {
            type.addField(FieldSpec.builder(
                            TypeName.INT, constant.javaName(), Modifier.PUBLIC, Modifier.STATIC, Modifier.FINAL)
                    .addJavadoc("$L", Docs.text(constant.doc()))
                    .initializer("$L", constant.value())
                    .build());
        }
        return List.of(GeneratedFile.of(protocol, Library.PROTOCOL, type.build()));
    }
}
