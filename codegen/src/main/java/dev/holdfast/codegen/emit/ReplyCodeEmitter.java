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

/** Generates {@code ReplyCode}, the public enum of reply codes. */
public final class ReplyCodeEmitter implements Emitter {
    private static final ClassName SCOPE = Library.REPLY_CODE.nestedClass("Scope");

    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        TypeSpec.Builder type = TypeSpec.enumBuilder(Library.REPLY_CODE)
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("""
                        The reply codes of AMQP 0-9-1: the reason for which a broker or this client closes a channel
                        or a connection, or a broker returns a message. Brokers also send codes of their own, so
                        exceptions carry the number.
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
                .addMethod(accessor("code", TypeName.INT, "Number of the code on the wire."))
                .addMethod(accessor(
                        "scope",
                        SCOPE,
                        "Scope that the protocol assigns to this code. The type of the exception tells what the"
                                + " broker actually closed."))
                .addType(scope());
        return List.of(GeneratedFile.of(protocol, Library.API, type.build()));
    }

    private static MethodSpec of(Protocol protocol) {
        MethodSpec.Builder of = MethodSpec.methodBuilder("of")
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addJavadoc("Returns the code with a number, or null if the protocol does not define it.")
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
                .addJavadoc("What an error with this code closes.")
                .addEnumConstant(Protocol.Scope.NONE.name(), constant("Nothing: the code is not an error."))
                .addEnumConstant(Protocol.Scope.CHANNEL.name(), constant("The channel on which the error occurred."))
                .addEnumConstant(Protocol.Scope.CONNECTION.name(), constant("The connection and all its channels."))
                .build();
    }

    private static TypeSpec constant(String doc) {
        return TypeSpec.anonymousClassBuilder("").addJavadoc("$L", doc).build();
    }
}
