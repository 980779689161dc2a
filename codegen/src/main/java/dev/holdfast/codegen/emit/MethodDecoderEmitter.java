package dev.holdfast.codegen.emit;

import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import dev.holdfast.codegen.model.Protocol.AmqpMethod;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Generates {@code MethodDecoder}, the switch that selects a method by class and method number. */
public final class MethodDecoderEmitter implements Emitter {
    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        TypeSpec type = TypeSpec.classBuilder(Library.METHOD_DECODER)
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .addJavadoc("Decodes a method by its class number and method number.")
                .addMethod(MethodSpec.constructorBuilder()
                        .addModifiers(Modifier.PRIVATE)
                        .build())
                .addMethod(decode(protocol))
                .build();
        return List.of(GeneratedFile.of(protocol, Library.PROTOCOL, type));
    }

    private static MethodSpec decode(Protocol protocol) {
        MethodSpec.Builder decode = MethodSpec.methodBuilder("decode")
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addJavadoc("""
                        Reads the arguments of a method.

                        @throws $T if the protocol has no such method
                        @throws $T if the bytes are not valid arguments of the method
                        """, Library.UNKNOWN_METHOD, Library.MALFORMED)
                .returns(Library.METHOD)
                .addParameter(TypeName.INT, "classId")
                .addParameter(TypeName.INT, "methodId")
                .addParameter(Library.WIRE_READER, "in");
        decode.addCode("return switch (classId << 16 | methodId) {\n$>");
        for (Protocol.AmqpClass amqpClass : protocol.classes()) {
            for (AmqpMethod method : amqpClass.methods()) {
                decode.addCode("case $1T.ID -> $1T.decode(in);\n", method.javaType());
            }
        }
        decode.addCode("default -> throw new $T(classId, methodId);\n$<};\n", Library.UNKNOWN_METHOD);
        return decode.build();
    }
}
