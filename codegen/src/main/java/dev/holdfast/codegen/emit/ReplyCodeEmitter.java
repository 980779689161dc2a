package dev.holdfast.codegen.emit;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import dev.holdfast.codegen.model.Protocol.ReplyCode;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Writes the public enum of reply codes. */
public final class ReplyCodeEmitter implements Emitter {
    private static final ClassName SCOPE = Library.REPLY_CODE.nestedClass("Scope");

    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        TypeSpec.Builder type = TypeSpec.enumBuilder(Library.REPLY_CODE)
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("""
                        The reply codes of AMQP 0-9-1: how a broker, or this client, says why something ended. Brokers also send
                        codes of their own, which is why exceptions carry the number.
                        """);
        for (ReplyCode code : protocol.replyCodes()) {
            type.addEnumConstant(
                    code.javaName(),
                    TypeSpec.anonymousClassBuilder("$L, $T.$L", code.code(), SCOPE, code.scope())
                            .addJavadoc("$L", Docs.text(code.code() + ": " + code.doc()))
                            .build());
        }
        type.addField(TypeName.INT, "code", Modifier.PRIVATE, Modifier.FINAL)
                .addField(SCOPE, "scope", Modifier.PRIVATE, Modifier.FINAL)
                .addMethod(MethodSpec.constructorBuilder()
                        .addParameter(TypeName.INT, "code")
                        .addParameter(SCOPE, "scope")
                        .addStatement("this.code = code")
                        .addStatement("this.scope = scope")
                        .build())
                .addMethod(of(protocol))
                .addMethod(accessor("code", TypeName.INT, "The number on the wire."))
                .addMethod(
                        accessor(
                                "scope",
                                SCOPE,
                                "What the protocol says that this code closes; what a broker really closed shows in the exception's type."))
                .addType(scope());
        return List.of(GeneratedFile.of(protocol, Library.API, type.build()));
    }

    private static MethodSpec of(Protocol protocol) {
        MethodSpec.Builder of = MethodSpec.methodBuilder("of")
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addJavadoc("Finds a code by its number; null for one that the protocol does not have.")
                .returns(Library.nullable(Library.REPLY_CODE))
                .addParameter(TypeName.INT, "code")
                .addCode("return switch (code) {\n$>");
        for (ReplyCode code : protocol.replyCodes()) {
            of.addCode("case $L -> $L;\n", code.code(), code.javaName());
        }
        return of.addCode("default -> null;\n$<};\n").build();
    }

    private static MethodSpec accessor(String name, TypeName type, String doc) {
        return MethodSpec.methodBuilder(name)
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("$L", Docs.text(doc))
                .returns(type)
                .addStatement("return $L", name)
                .build();
    }

    private static TypeSpec scope() {
        return TypeSpec.enumBuilder(SCOPE)
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("What an error closes.")
                .addEnumConstant(Protocol.Scope.NONE.name(), remark("Nothing: no error."))
                .addEnumConstant(Protocol.Scope.CHANNEL.name(), remark("The channel on which it happened."))
                .addEnumConstant(Protocol.Scope.CONNECTION.name(), remark("The connection with all its channels."))
                .build();
    }

    private static TypeSpec remark(String doc) {
        return TypeSpec.anonymousClassBuilder("").addJavadoc("$L", doc).build();
    }
}
