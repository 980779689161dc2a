package dev.holdfast.codegen.emit;

import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Argument;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import java.util.List;
import javax.lang.model.element.Modifier;

/** Generates {@code PropertiesCodec}, which encodes properties as a word of flags and the values that are set. */
public final class PropertiesCodecEmitter implements Emitter {
    private static final int HIGHEST_BIT = 15;
    private static final int CONTINUATION = 1;

    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        TypeSpec type = TypeSpec.classBuilder(Library.PROPERTIES_CODEC)
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .addJavadoc("""
                        Encodes and decodes the properties of a content: {@code flags(2) values}. The highest bit of the
                        flags represents the first property. The lowest bit announces another word of flags. A value is
                        present for each property whose bit is set, in the order of the properties.
                        """)
                .addMethod(MethodSpec.constructorBuilder()
                        .addModifiers(Modifier.PRIVATE)
                        .build())
                .addMethod(encode(protocol.properties()))
                .addMethod(decode(protocol.properties()))
                .addMethod(flags(protocol.properties()))
                .build();
        return List.of(GeneratedFile.of(protocol, Library.PROTOCOL, type));
    }

    private static MethodSpec encode(List<Argument> properties) {
        MethodSpec.Builder encode = MethodSpec.methodBuilder("encode")
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addJavadoc("Writes the flags and the values of the properties that are set.")
                .addParameter(Library.PROPERTIES, "properties")
                .addParameter(Library.WIRE_WRITER, "out")
                .addStatement("int flags = 0");
        for (int i = 0; i < properties.size(); i++) {
            Argument property = properties.get(i);
            encode.addStatement(
                            "$T $L = properties.$L()",
                            MessagePropertiesEmitter.valueType(property),
                            property.javaName(),
                            property.javaName())
                    .beginControlFlow("if ($L)", MessagePropertiesEmitter.isSet(property))
                    .addStatement("flags |= $L", mask(i))
                    .endControlFlow();
        }
        encode.addStatement("out.writeShort(flags)");
        for (Argument property : properties) {
            encode.beginControlFlow("if ($L)", MessagePropertiesEmitter.isSet(property))
                    .addStatement("out.$L($L)", property.type().write(), property.javaName())
                    .endControlFlow();
        }
        return encode.build();
    }

    private static MethodSpec decode(List<Argument> properties) {
        MethodSpec.Builder decode = MethodSpec.methodBuilder("decode")
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addJavadoc("""
                        Reads the flags and the values that follow them.

                        @throws $T if a flag represents no property, because the length of its value is unknown
                        """, Library.MALFORMED)
                .returns(Library.PROPERTIES)
                .addParameter(Library.WIRE_READER, "in")
                .addStatement("int flags = readFlags(in)")
                .addStatement("$1T properties = $1T.EMPTY", Library.PROPERTIES);
        for (int i = 0; i < properties.size(); i++) {
            Argument property = properties.get(i);
            decode.beginControlFlow("if ((flags & $L) != 0)", mask(i))
                    .addStatement(
                            "properties = properties.$L(in.$L())",
                            property.javaName(),
                            property.type().read())
                    .endControlFlow();
        }
        return decode.addStatement("return properties").build();
    }

    private static MethodSpec flags(List<Argument> properties) {
        int known = CONTINUATION;
        for (int i = 0; i < properties.size(); i++) {
            known |= 1 << (HIGHEST_BIT - i);
        }
        return MethodSpec.methodBuilder("readFlags")
                .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
                .returns(TypeName.INT)
                .addParameter(Library.WIRE_READER, "in")
                .addStatement("int flags = in.readShort()")
                .addStatement("int unknown = flags & $L", hex(~known & 0xFFFF))
                .addStatement("int last = flags")
                .beginControlFlow("while ((last & $L) != 0)", hex(CONTINUATION))
                .addStatement("last = in.readShort()")
                .addStatement("unknown |= last & $L", hex(~CONTINUATION & 0xFFFF))
                .endControlFlow()
                .beginControlFlow("if (unknown != 0)")
                .addStatement(
                        "throw new $T($S\n+ $T.toHexString(unknown) + $S)",
                        Library.MALFORMED,
                        "property flags: unknown bits 0x",
                        Integer.class,
                        " (expected: only those of the " + properties.size() + " properties)")
                .endControlFlow()
                .addStatement("return flags")
                .build();
    }

    private static String mask(int property) {
        return hex(1 << (HIGHEST_BIT - property));
    }

    private static String hex(int flags) {
        return "0x%04X".formatted(flags);
    }
}
