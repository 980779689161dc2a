package dev.holdfast.codegen.model;

import com.palantir.javapoet.ClassName;
import dev.holdfast.codegen.model.Protocol.AmqpClass;
import dev.holdfast.codegen.model.Protocol.AmqpMethod;
import dev.holdfast.codegen.model.Protocol.Constant;
import dev.holdfast.codegen.model.Protocol.ReplyCode;
import dev.holdfast.codegen.model.Protocol.Scope;
import dev.holdfast.codegen.spec.ClassSpec;
import dev.holdfast.codegen.spec.ConstantSpec;
import dev.holdfast.codegen.spec.FieldSpec;
import dev.holdfast.codegen.spec.MethodSpec;
import dev.holdfast.codegen.spec.Problems;
import dev.holdfast.codegen.spec.Spec;
import java.util.ArrayList;
import java.util.List;

/** Resolves a protocol file: domains to types, bits to octets, names to Java names, soft and hard errors to scopes. */
public final class ProtocolBuilder {
    /** Bits of a word of flags, less the lowest, which announces another word: no property needs one so far. */
    private static final int MAX_PROPERTIES = 15;

    private final Domains domains;
    private final Problems problems;

    private ProtocolBuilder(Spec spec, Problems problems) {
        this.domains = new Domains(spec.domains(), problems);
        this.problems = problems;
    }

    /** Resolves the file. The result is valid only if {@code problems} is empty afterwards. */
    public static Protocol build(Spec spec, Problems problems) {
        return new ProtocolBuilder(spec, problems).protocol(spec);
    }

    private Protocol protocol(Spec spec) {
        List<Constant> constants = new ArrayList<>();
        List<ReplyCode> replyCodes = new ArrayList<>();
        for (ConstantSpec constant : spec.constants()) {
            String javaName = Names.constant(constant.name());
            if (isReplyCode(constant)) {
                replyCodes.add(new ReplyCode(javaName, constant.value(), scope(constant), constant.doc()));
            } else {
                constants.add(new Constant(javaName, constant.value(), constant.doc()));
            }
        }
        constants.add(new Constant("MAJOR", spec.major(), "Major number of the protocol's version."));
        constants.add(new Constant("MINOR", spec.minor(), "Minor number of the protocol's version."));
        constants.add(new Constant("REVISION", spec.revision(), "Revision of the protocol's version."));
        constants.add(new Constant("PORT", spec.port(), "TCP port on which brokers listen for plain connections."));
        List<Argument> properties = spec.classes().stream()
                .flatMap(classSpec -> properties(classSpec).stream())
                .toList();
        return new Protocol(
                spec.source(),
                List.copyOf(constants),
                List.copyOf(replyCodes),
                spec.classes().stream().map(this::amqpClass).toList(),
                properties);
    }

    private static boolean isReplyCode(ConstantSpec constant) {
        return !constant.errorClass().isEmpty() || constant.name().startsWith("reply-");
    }

    private static Scope scope(ConstantSpec constant) {
        return switch (constant.errorClass()) {
            case "soft-error" -> Scope.CHANNEL;
            case "hard-error" -> Scope.CONNECTION;
            default -> Scope.NONE;
        };
    }

    private List<Argument> properties(ClassSpec classSpec) {
        if (classSpec.properties().size() > MAX_PROPERTIES) {
            int size = classSpec.properties().size();
            problems.add(classSpec.line(), "properties: " + size + " (expected: at most " + MAX_PROPERTIES + ")");
        }
        List<Argument> properties = arguments(classSpec.properties());
        for (int i = 0; i < properties.size(); i++) {
            if (properties.get(i).type() == WireType.BIT) {
                int line = classSpec.properties().get(i).line();
                problems.add(line, properties.get(i).name() + ": a property cannot be a bit");
            }
        }
        return properties;
    }

    private AmqpClass amqpClass(ClassSpec classSpec) {
        ClassName holder = ClassName.get(Library.PROTOCOL, Names.type(classSpec.name()) + "Methods");
        List<AmqpMethod> methods = classSpec.methods().stream()
                .map(method -> amqpMethod(classSpec, method, holder))
                .toList();
        return new AmqpClass(classSpec.name(), holder, classSpec.label(), classSpec.doc(), methods);
    }

    private AmqpMethod amqpMethod(ClassSpec classSpec, MethodSpec method, ClassName holder) {
        return new AmqpMethod(
                classSpec.name() + "." + method.name(),
                holder.nestedClass(Names.type(method.name())),
                classSpec.index(),
                method.index(),
                method.synchronous(),
                method.content(),
                method.label(),
                method.doc(),
                WireStep.of(arguments(method.fields())));
    }

    private List<Argument> arguments(List<FieldSpec> fields) {
        return fields.stream()
                .map(field -> new Argument(
                        field.name(),
                        Names.component(field.name()),
                        domains.typeOf(field),
                        field.reserved(),
                        field.secret(),
                        field.doc()))
                .toList();
    }
}
