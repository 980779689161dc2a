package dev.holdfast.codegen.spec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** Checks a protocol file across elements: duplicate names and numbers, and references to missing elements. */
public final class SpecChecker {
    private final Problems problems;

    private SpecChecker(Problems problems) {
        this.problems = problems;
    }

    /** Checks a file and adds its errors to {@code problems}. */
    public static void check(Spec spec, Problems problems) {
        new SpecChecker(problems).check(spec);
    }

    private void check(Spec spec) {
        unique("constant", spec.constants(), ConstantSpec::name, ConstantSpec::line);
        unique("domain", spec.domains(), DomainSpec::name, DomainSpec::line);
        unique("class", spec.classes(), ClassSpec::name, ClassSpec::line);
        unique("class index", spec.classes(), ClassSpec::index, ClassSpec::line);
        List<ConstantSpec> replyCodes = spec.constants().stream()
                .filter(constant -> !constant.errorClass().isEmpty())
                .toList();
        unique("reply code", replyCodes, ConstantSpec::value, ConstantSpec::line);
        Set<String> classNames = spec.classes().stream().map(ClassSpec::name).collect(Collectors.toSet());
        for (ClassSpec classSpec : spec.classes()) {
            if (!classSpec.handler().isEmpty() && !classNames.contains(classSpec.handler())) {
                problems.add(classSpec.line(), "handler: " + classSpec.handler() + " (expected: the name of a class)");
            }
            checkClass(classSpec);
        }
        checkSingleContentClass(spec);
    }

    private void checkClass(ClassSpec classSpec) {
        unique("property", classSpec.properties(), FieldSpec::name, FieldSpec::line);
        unique("method", classSpec.methods(), MethodSpec::name, MethodSpec::line);
        unique("method index", classSpec.methods(), MethodSpec::index, MethodSpec::line);
        Set<String> methodNames =
                classSpec.methods().stream().map(MethodSpec::name).collect(Collectors.toSet());
        for (MethodSpec method : classSpec.methods()) {
            unique("field", method.fields(), FieldSpec::name, FieldSpec::line);
            for (String response : method.responses()) {
                if (!methodNames.contains(response)) {
                    problems.add(
                            method.line(),
                            "response: " + response + " (expected: a method of " + classSpec.name() + ")");
                }
            }
            if (!method.responses().isEmpty() && !method.synchronous()) {
                problems.add(method.line(), method.name() + ": has a response but is not synchronous");
            }
            if (method.content() && classSpec.properties().isEmpty()) {
                problems.add(
                        method.line(),
                        method.name() + ": carries content, but class " + classSpec.name() + " has no properties");
            }
        }
    }

    /** Checks that one class has properties: the generated code has a single type for them. */
    private void checkSingleContentClass(Spec spec) {
        List<ClassSpec> withProperties = spec.classes().stream()
                .filter(classSpec -> !classSpec.properties().isEmpty())
                .toList();
        withProperties.stream()
                .skip(1)
                .forEach(classSpec ->
                        problems.add(classSpec.line(), classSpec.name() + ": a second class with properties"));
        if (withProperties.isEmpty()) {
            problems.add(1, "no class has properties");
        }
    }

    private <T> void unique(String what, List<T> items, Function<T, Object> key, ToIntFunction<T> line) {
        Map<Object, T> seen = new HashMap<>();
        for (T item : items) {
            T first = seen.putIfAbsent(key.apply(item), item);
            if (first != null) {
                int firstLine = line.applyAsInt(first);
                problems.add(
                        line.applyAsInt(item), what + ": " + key.apply(item) + " (already on line " + firstLine + ")");
            }
        }
    }
}
