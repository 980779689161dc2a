package dev.holdfast.codegen.emit;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.holdfast.codegen.model.Argument;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol;
import dev.holdfast.codegen.model.WireType;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.lang.model.element.Modifier;

/** Generates {@code MessageProperties}, the public immutable type of the properties of a message. */
public final class MessagePropertiesEmitter implements Emitter {
    @Override
    public List<GeneratedFile> emit(Protocol protocol) {
        List<Argument> properties = protocol.properties();
        TypeSpec.Builder type = TypeSpec.classBuilder(Library.PROPERTIES)
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .addJavadoc("""
                        The properties of a message. A property that is not set is null; headers are then empty. A
                        method with an argument returns a copy with that property changed. Immutable and thread-safe
                        if the values inside the headers are.
                        """)
                .addField(empty(properties))
                .addMethod(constructor(properties));
        for (Argument property : properties) {
            type.addField(valueType(property), property.javaName(), Modifier.PRIVATE, Modifier.FINAL);
            type.addMethod(accessor(property));
            type.addMethod(wither(property, properties));
        }
        type.addMethods(MessagePropertiesObject.methods(properties));
        return List.of(GeneratedFile.of(protocol, Library.API, type.build()));
    }

    private static FieldSpec empty(List<Argument> properties) {
        List<CodeBlock> nulls =
                properties.stream().map(MessagePropertiesEmitter::unset).toList();
        return FieldSpec.builder(Library.PROPERTIES, "EMPTY", Modifier.PUBLIC, Modifier.STATIC, Modifier.FINAL)
                .addJavadoc("An instance with no property set.")
                .initializer("new $T($L)", Library.PROPERTIES, CodeBlock.join(nulls, ",$W"))
                .build();
    }

    private static MethodSpec constructor(List<Argument> properties) {
        MethodSpec.Builder constructor = MethodSpec.constructorBuilder().addModifiers(Modifier.PRIVATE);
        for (Argument property : properties) {
            constructor.addParameter(valueType(property), property.javaName());
            constructor.addStatement("this.$1L = $1L", property.javaName());
        }
        return constructor.build();
    }

    /** Returns the type of a value: a table is empty and any other property null if it is not set. */
    static TypeName valueType(Argument property) {
        return property.type() == WireType.TABLE
                ? property.type().javaType()
                : Library.nullable(property.type().javaType());
    }

    private static CodeBlock unset(Argument property) {
        return property.type() == WireType.TABLE ? CodeBlock.of("$T.of()", Map.class) : CodeBlock.of("null");
    }

    /** Returns the condition that a property is set. */
    static CodeBlock isSet(Argument property) {
        return CodeBlock.of(property.type() == WireType.TABLE ? "!$L.isEmpty()" : "$L != null", property.javaName());
    }

    private static MethodSpec accessor(Argument property) {
        String ifUnset = property.type() == WireType.TABLE ? " Unmodifiable; empty if not set." : " Null if not set.";
        return MethodSpec.methodBuilder(property.javaName())
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("$L", Docs.text(property.doc() + ifUnset))
                .returns(valueType(property))
                .addStatement("return $L", property.javaName())
                .build();
    }

    private static MethodSpec wither(Argument property, List<Argument> properties) {
        List<CodeBlock> arguments = properties.stream()
                .map(other -> other.equals(property) ? stored(property) : CodeBlock.of("$L", other.javaName()))
                .toList();
        MethodSpec.Builder wither = MethodSpec.methodBuilder(property.javaName())
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc(
                        "$L\n\n$L",
                        Docs.text("Returns a copy with the given value of " + property.name() + "." + remark(property)),
                        Docs.tag("@param " + property.javaName(), Docs.inSentence(property.doc()) + "; null unsets it"))
                .returns(Library.PROPERTIES)
                .addParameter(Library.nullable(property.type().javaType()), property.javaName());
        if (property.type() == WireType.OCTET) {
            wither.addJavadoc("\n@throws IllegalArgumentException if the value is not in the range 0 to 255")
                    .addStatement("checkOctet($S, $L)", property.name(), property.javaName());
        }
        return wither.addStatement("return new $T($L)", Library.PROPERTIES, CodeBlock.join(arguments, ",$W"))
                .build();
    }

    private static String remark(Argument property) {
        return switch (property.type()) {
            case TIMESTAMP -> " Truncates the value to whole seconds, the resolution on the wire.";
            case TABLE -> " Copies the map, but not the values in it. An empty map is not sent.";
            default -> "";
        };
    }

    /** Returns the value to store: a copy of a map, which the caller could change, and whole seconds as on the wire. */
    private static CodeBlock stored(Argument property) {
        return switch (property.type()) {
            case TIMESTAMP ->
                CodeBlock.of(
                        "$1L == null ? null : $1L.truncatedTo($2T.SECONDS)", property.javaName(), ChronoUnit.class);
            case TABLE ->
                CodeBlock.of(
                        "$1L == null || $1L.isEmpty() ? $2T.of() : $3T.unmodifiableMap(new $4T<>($1L))",
                        property.javaName(),
                        Map.class,
                        Collections.class,
                        LinkedHashMap.class);
            default -> CodeBlock.of("$L", property.javaName());
        };
    }
}
