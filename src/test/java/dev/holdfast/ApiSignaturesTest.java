package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Compares the public and protected signatures of the exported packages with a golden file, so that a change of the API
 * shows in the diff. {@code -Dgolden.update} writes the file anew.
 */
class ApiSignaturesTest {
    private static final Set<String> EXPORTED =
            Set.of("dev.holdfast", "dev.holdfast.pool", "dev.holdfast.serialization");
    private static final Path GOLDEN =
            Path.of(System.getProperty("basedir", "."), "test", "resources", "api", "signatures.txt");

    @Test
    void signaturesAreThoseOfTheGoldenFile() throws Exception {
        List<String> signatures = signatures();
        if (System.getProperty("golden.update") != null) {
            Files.createDirectories(GOLDEN.getParent());
            Files.write(GOLDEN, signatures);
        }

        assertThat(signatures).as("public signatures (update: -Dgolden.update)").isEqualTo(golden());
    }

    private static List<String> golden() throws IOException {
        return Files.exists(GOLDEN) ? Files.readAllLines(GOLDEN) : List.of();
    }

    private static List<String> signatures() throws Exception {
        List<String> lines = new ArrayList<>();
        List<JavaClass> shown = new ClassFileImporter()
                        .withImportOption(
                                location -> !location.contains("/test-classes/") && !location.contains("testkit"))
                        .importPackages("dev.holdfast")
                        .stream()
                        .filter(each -> EXPORTED.contains(each.getPackageName()))
                        .sorted((left, right) -> left.getName().compareTo(right.getName()))
                        .toList();
        for (JavaClass each : shown) {
            Class<?> type = Class.forName(each.getName(), false, ApiSignaturesTest.class.getClassLoader());
            if (isShown(type)) {
                lines.add(heading(type));
                lines.addAll(members(type));
            }
        }
        return lines;
    }

    private static boolean isShown(Class<?> type) {
        return isShown(type.getModifiers())
                && !type.isAnonymousClass()
                && (type.getEnclosingClass() == null || isShown(type.getEnclosingClass()));
    }

    private static boolean isShown(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static boolean isShown(Member member) {
        return isShown(member.getModifiers()) && !member.isSynthetic();
    }

    private static String heading(Class<?> type) {
        StringBuilder line = new StringBuilder(type.isSealed() ? "sealed " : "").append(type.toGenericString());
        if (type.getGenericSuperclass() != null && type.getSuperclass() != Object.class) {
            line.append(" extends ").append(type.getGenericSuperclass().getTypeName());
        }
        for (java.lang.reflect.Type parent : type.getGenericInterfaces()) {
            line.append(" : ").append(parent.getTypeName());
        }
        return simple(line.toString());
    }

    private static Set<String> members(Class<?> type) {
        Set<String> lines = new TreeSet<>();
        for (Field field : type.getDeclaredFields()) {
            if (isShown(field)) {
                lines.add("    " + simple(field.toGenericString()));
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isShown(constructor)) {
                lines.add("    " + simple(constructor.toGenericString()));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isShown(method)) {
                lines.add("    " + simple(method.toGenericString()));
            }
        }
        return lines;
    }

    /** Names of types without their packages. */
    private static String simple(String signature) {
        return signature.replaceAll("\\b(?:[a-z]\\w*\\.)+(?=[A-Z])", "");
    }
}
