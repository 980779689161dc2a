package dev.holdfast.codegen.emit;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import dev.holdfast.codegen.model.Argument;
import dev.holdfast.codegen.model.Library;
import dev.holdfast.codegen.model.Protocol.AmqpMethod;
import dev.holdfast.codegen.model.WireStep;
import dev.holdfast.codegen.model.WireType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;

/** Generates the members that records and singletons share: numbers, metadata, {@code encode} and {@code decode}. */
final class MethodBodies {
    private MethodBodies() {}

    static FieldSpec id(AmqpMethod method) {
        return FieldSpec.builder(TypeName.INT, "ID", Modifier.PUBLIC, Modifier.STATIC, Modifier.FINAL)
                .addJavadoc("Class $L, method $L.", method.classId(), method.methodId())
                .initializer("$L << 16 | $L", method.classId(), method.methodId())
                .build();
    }

    static List<MethodSpec> accessors(AmqpMethod method) {
        return List.of(
                accessor("classId", TypeName.INT, CodeBlock.of("$L", method.classId())),
                accessor("methodId", TypeName.INT, CodeBlock.of("$L", method.methodId())),
                accessor("methodName", Library.STRING, CodeBlock.of("$S", method.name())),
                accessor("hasContent", TypeName.BOOLEAN, CodeBlock.of("$L", method.content())),
                accessor("synchronous", TypeName.BOOLEAN, CodeBlock.of("$L", method.synchronous())));
    }

    static MethodSpec encode(AmqpMethod method) {
        MethodSpec.Builder encode = MethodSpec.methodBuilder("encode")
                .addAnnotation(Override.class)
                .addModifiers(Modifier.PUBLIC)
                .addParameter(Library.WIRE_WRITER, "out");
        for (WireStep step : method.steps()) {
            encode.addCode("out.$L($L);", type(step).write(), valueOf(step));
            encode.addCode(reservedComment(step));
        }
        return encode.build();
    }

    /** Returns a {@code decode} that reads each argument into a variable. The caller adds the return statement. */
    static MethodSpec.Builder decode(AmqpMethod method) {
        MethodSpec.Builder decode = MethodSpec.methodBuilder("decode")
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addJavadoc(
                        "$L",
                        hasReserved(method) ? "Reads the arguments. Discards reserved ones." : "Reads the arguments.")
                .returns(method.javaType())
                .addParameter(Library.WIRE_READER, "in");
        int octets = 0;
        for (WireStep step : method.steps()) {
            String read = type(step).read();
            if (step.arguments().stream().allMatch(Argument::reserved)) {
                decode.addCode("in.$L();", read).addCode(reservedComment(step));
            } else if (step instanceof WireStep.Bits bits) {
                octets++;
                String octet = octets == 1 ? "bits" : "bits" + octets;
                decode.addStatement("$T $L = in.$L()", TypeName.INT, octet, read);
                decode.addCode(unpack(bits, octet));
            } else {
                Argument argument = step.arguments().get(0);
                decode.addStatement("$T $L = in.$L()", argument.type().javaType(), argument.javaName(), read);
            }
        }
        return decode;
    }

    private static boolean hasReserved(AmqpMethod method) {
        return method.steps().stream()
                .flatMap(step -> step.arguments().stream())
                .anyMatch(Argument::reserved);
    }

    private static MethodSpec accessor(String name, TypeName type, CodeBlock value) {
        return MethodSpec.methodBuilder(name)
                .addAnnotation(Override.class)
                .addModifiers(Modifier.PUBLIC)
                .returns(type)
                .addStatement("return $L", value)
                .build();
    }

    private static WireType type(WireStep step) {
        return step.arguments().get(0).type();
    }

    private static CodeBlock valueOf(WireStep step) {
        if (step instanceof WireStep.Single single) {
            Argument argument = single.argument();
            return argument.reserved() ? argument.type().reserved() : CodeBlock.of("$L", argument.javaName());
        }
        List<CodeBlock> terms = new ArrayList<>();
        List<Argument> bits = step.arguments();
        for (int i = 0; i < bits.size(); i++) {
            if (!bits.get(i).reserved()) {
                terms.add(CodeBlock.of("($L ? $L : 0)", bits.get(i).javaName(), mask(i)));
            }
        }
        return terms.isEmpty() ? CodeBlock.of("0") : CodeBlock.join(terms, "\n        | ");
    }

    private static CodeBlock unpack(WireStep.Bits bits, String octet) {
        CodeBlock.Builder code = CodeBlock.builder();
        for (int i = 0; i < bits.arguments().size(); i++) {
            Argument bit = bits.arguments().get(i);
            if (!bit.reserved()) {
                code.addStatement("$T $L = ($L & $L) != 0", TypeName.BOOLEAN, bit.javaName(), octet, mask(i));
            }
        }
        return code.build();
    }

    private static CodeBlock reservedComment(WireStep step) {
        String reserved = step.arguments().stream()
                .filter(Argument::reserved)
                .map(Argument::name)
                .collect(Collectors.joining(", "));
        return reserved.isEmpty() ? CodeBlock.of("\n") : CodeBlock.of(" // $L\n", reserved);
    }

    private static String mask(int bit) {
        return "0x%02X".formatted(1 << bit);
    }
}
