package dev.holdfast.codegen.emit;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import dev.holdfast.codegen.model.Argument;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.WireType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import javax.lang.model.element.Modifier;

/** Generates {@code equals}, {@code hashCode} and {@code toString} of the properties, with their private helpers. */
final class MessagePropertiesObject {
    /** Characters after which {@code toString} truncates a header: it is for logs, and a header may hold megabytes. */
    private static final int MAX_HEADER_TEXT = 64;

    private MessagePropertiesObject() {}

    static List<MethodSpec> methods(List<Argument> properties) {
        List<MethodSpec> methods = new ArrayList<>(List.of(equality(properties), hash(properties), text(properties)));
        if (properties.stream().anyMatch(property -> property.type() == WireType.OCTET)) {
            methods.add(checkOctet());
        }
        if (properties.stream().anyMatch(property -> property.type() == WireType.TABLE)) {
            methods.add(tableText());
        }
        return methods;
    }

    private static MethodSpec equality(List<Argument> properties) {
        List<CodeBlock> terms = properties.stream()
                .map(property -> property.type() == WireType.TABLE
                        ? CodeBlock.of("$1T.equal($2L, that.$2L)", Library.TABLE_EQUALITY, property.javaName())
                        : CodeBlock.of("$1T.equals($2L, that.$2L)", Objects.class, property.javaName()))
                .toList();
        return override("equals", TypeName.BOOLEAN)
                .addJavadoc("Compares all properties, and headers deeply: by the contents of arrays, lists and maps.")
                .addParameter(Library.nullable(ClassName.OBJECT), "other")
                .addStatement(
                        "return other instanceof $T that\n&& $L", Library.PROPERTIES, CodeBlock.join(terms, "\n&& "))
                .build();
    }

    private static MethodSpec hash(List<Argument> properties) {
        List<CodeBlock> names = properties.stream()
                .map(property -> property.type() == WireType.TABLE
                        ? CodeBlock.of("$T.hash($L)", Library.TABLE_EQUALITY, property.javaName())
                        : CodeBlock.of("$L", property.javaName()))
                .toList();
        return override("hashCode", TypeName.INT)
                .addStatement("return $T.hash($L)", Objects.class, CodeBlock.join(names, ",$W"))
                .build();
    }

    private static MethodSpec text(List<Argument> properties) {
        MethodSpec.Builder text = override("toString", Library.STRING)
                .addJavadoc("Lists the properties that are set. Truncates a header to $L characters.", MAX_HEADER_TEXT)
                .addStatement(
                        "$1T text = new $1T($2S, $3S, $4S)",
                        StringJoiner.class,
                        ", ",
                        Library.PROPERTIES.simpleName() + "{",
                        "}");
        for (Argument property : properties) {
            String value = property.type() == WireType.TABLE ? "tableText($L)" : "$L";
            text.beginControlFlow("if ($L)", MessagePropertiesEmitter.isSet(property))
                    .addStatement("text.add($S + " + value + ")", property.javaName() + "=", property.javaName())
                    .endControlFlow();
        }
        return text.addStatement("return text.toString()").build();
    }

    private static MethodSpec tableText() {
        return MethodSpec.methodBuilder("tableText")
                .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
                .returns(Library.STRING)
                .addParameter(Library.TABLE, "table")
                .addStatement("$1T text = new $1T($2S, $3S, $4S)", StringJoiner.class, ", ", "{", "}")
                .beginControlFlow(
                        "for ($T<$T, $T> entry : table.entrySet())", Map.Entry.class, String.class, Object.class)
                .addStatement("$T value = entry.getValue()", Library.nullable(ClassName.OBJECT))
                .addStatement(
                        "String valueText = value instanceof byte[] bytes ? bytes.length + $S : String.valueOf(value)",
                        " bytes")
                .addStatement(
                        "text.add(entry.getKey() + $1S\n"
                                + "+ (valueText.length() > $2L ? valueText.substring(0, $2L) + $3S : valueText))",
                        "=",
                        MAX_HEADER_TEXT,
                        "...")
                .endControlFlow()
                .addStatement("return text.toString()")
                .build();
    }

    private static MethodSpec checkOctet() {
        return MethodSpec.methodBuilder("checkOctet")
                .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
                .addParameter(Library.STRING, "name")
                .addParameter(Library.nullable(TypeName.INT), "value")
                .beginControlFlow("if (value != null && (value < 0 || value > 255))")
                .addStatement(
                        "throw new $T(name + $S + value + $S)",
                        IllegalArgumentException.class,
                        ": ",
                        " (expected: 0 to 255)")
                .endControlFlow()
                .build();
    }

    private static MethodSpec.Builder override(String name, TypeName type) {
        return MethodSpec.methodBuilder(name)
                .addAnnotation(Override.class)
                .addModifiers(Modifier.PUBLIC)
                .returns(type);
    }
}
