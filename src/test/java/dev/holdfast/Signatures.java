package dev.holdfast;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.stream.Stream;

/** The types in public and protected members of a class: parameters, results, exceptions, and its parents. */
final class Signatures {
    private Signatures() {}

    static Stream<String> of(JavaClass each) {
        Stream<String> parents = Stream.concat(each.getRawSuperclass().stream(), each.getRawInterfaces().stream())
                .map(JavaClass::getName);
        Stream<String> fields = each.getFields().stream()
                .filter(field -> isShown(field.getModifiers()))
                .flatMap(Signatures::types);
        Stream<String> units = each.getCodeUnits().stream()
                .filter(unit -> isShown(unit.getModifiers()))
                .flatMap(Signatures::types);
        return Stream.of(parents, fields, units).flatMap(types -> types);
    }

    private static boolean isShown(java.util.Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    private static Stream<String> types(JavaField field) {
        return field.getType().getAllInvolvedRawTypes().stream().map(JavaClass::getName);
    }

    private static Stream<String> types(JavaCodeUnit unit) {
        Stream<JavaClass> parameters =
                unit.getParameterTypes().stream().flatMap(type -> type.getAllInvolvedRawTypes().stream());
        Stream<JavaClass> result = unit.getReturnType().getAllInvolvedRawTypes().stream();
        return Stream.of(parameters, result, unit.getExceptionTypes().stream())
                .flatMap(types -> types)
                .map(JavaClass::getName);
    }
}
