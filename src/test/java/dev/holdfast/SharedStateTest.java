package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Nothing static and mutable is shared between connections. */
class SharedStateTest {
    /** What is static and could change, and why it may: nothing of a connection gets into it. */
    private static final Map<String, String> EXPLAINED = Map.of(
            "ConnectionOptions.DEFAULTS",
                    "its settings are changed by a wither that has just copied them, and then no more",
            "TlsOptions.DEFAULTS", "the same",
            "ConsumeOptions.DEFAULTS", "the same",
            "PublishOptions.DEFAULTS", "the same; and its last encoding, which depends on nothing else",
            "internal.observe.JfrEvents.SLOW_CONFIRM", "is asked whether it is wanted, and never recorded",
            "serialization.SerializerRegistry.STANDARD",
                    "makes each format at its first use, once; formats keep nothing",
            "serialization.CompressorRegistry.STANDARD",
                    "makes each format at its first use, once; formats keep nothing");

    private static final Set<String> FIXED = Set.of(
            "java.util.ImmutableCollections", "java.util.Collections$Unmodifiable", "java.util.Collections$Empty");

    @Test
    void nothingStaticCanChange() throws Exception {
        Map<String, String> changing = new TreeMap<>();
        int seen = 0;
        for (JavaClass each : new ClassFileImporter()
                .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("testkit"))
                .importPackages("dev.holdfast")) {
            for (JavaField field : each.getFields()) {
                if (field.getModifiers().contains(JavaModifier.STATIC)
                        && !field.getName().contains("$")) {
                    seen++;
                    String why = whyItCanChange(field);
                    if (!why.isEmpty()) {
                        changing.put(each.getName().replace("dev.holdfast.", "") + "." + field.getName(), why);
                    }
                }
            }
        }
        assertThat(changing.keySet()).as("%s", changing).isEqualTo(new TreeSet<>(EXPLAINED.keySet()));
        assertThat(seen).isGreaterThan(100);
    }

    private static String whyItCanChange(JavaField field) throws Exception {
        if (!field.getModifiers().contains(JavaModifier.FINAL)) {
            return "not final";
        }
        JavaClass type = field.getRawType();
        if (type.isPrimitive() || type.isEnum() || type.isEquivalentTo(String.class)) {
            return "";
        }
        Class<?> owner = Class.forName(field.getOwner().getName(), true, SharedStateTest.class.getClassLoader());
        Field reflected = owner.getDeclaredField(field.getName());
        reflected.setAccessible(true);
        return whyItCanChange(reflected.get(null));
    }

    private static String whyItCanChange(Object value) throws Exception {
        String name = value.getClass().getName();
        if (value.getClass().isArray()) {
            return Array.getLength(value) == 0 ? "" : "an array";
        }
        if (value instanceof Collection || value instanceof Map) {
            return FIXED.stream().anyMatch(name::startsWith) ? "" : "a " + name;
        }
        boolean mutable = name.startsWith("java.util.concurrent.")
                || name.startsWith("java.lang.ThreadLocal")
                || value instanceof StringBuilder
                || value instanceof Thread;
        return mutable ? "a " + name : whyItsPartsCanChange(value);
    }

    /** Of ours; containers in it are private, and looked through. */
    private static String whyItsPartsCanChange(@Nullable Object value) throws Exception {
        Collection<?> elements = value instanceof Map<?, ?> map ? map.values() : List.of();
        for (Object each : value instanceof Collection<?> all ? all : elements) {
            String why = whyItsPartsCanChange(each);
            if (!why.isEmpty()) {
                return why;
            }
        }
        if (value == null
                || !value.getClass().getName().startsWith("dev.holdfast.")
                || value.getClass().isHidden()
                || value instanceof Enum) {
            return "";
        }
        for (Field field : value.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())) {
                continue;
            }
            if (!Modifier.isFinal(field.getModifiers())) {
                return value.getClass().getSimpleName() + "." + field.getName() + " is not final";
            }
            field.setAccessible(true);
            String why = whyItsPartsCanChange(field.get(value));
            if (!why.isEmpty()) {
                return why;
            }
        }
        return "";
    }

    @Test
    void knowsWhatCanChange() throws Exception {
        assertThat(whyItCanChange(new byte[1])).isNotEmpty();
        assertThat(whyItCanChange(new TreeMap<>())).isNotEmpty();
        assertThat(whyItCanChange(new AtomicInteger())).isNotEmpty();
        assertThat(whyItCanChange(new ConnectionSettings())).isNotEmpty();
        assertThat(whyItCanChange(Map.of())).isEmpty();
        assertThat(whyItCanChange(Exchange.ANONYMOUS)).isEmpty();
        assertThat(whyItCanChange(ConnectionOptions.parse("amqp://"))).contains("ConnectionSettings.");
    }
}
