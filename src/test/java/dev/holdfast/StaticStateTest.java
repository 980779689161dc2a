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

/** Connections share no mutable static state. */
class StaticStateTest {
    /** Static fields of mutable types, with the reason why no state of a connection gets into them. */
    private static final Map<String, String> ALLOWED = Map.of(
            "ConnectionOptions.DEFAULTS", "a wither changes its settings only in a fresh copy",
            "TlsOptions.DEFAULTS", "the same",
            "ConsumeOptions.DEFAULTS", "the same",
            "PublishOptions.DEFAULTS", "the same; it caches its encoding, which depends on nothing else",
            "internal.observe.JfrEvents.SLOW_CONFIRM", "only tells whether the event is enabled; never recorded",
            "serialization.SerializerRegistry.STANDARD",
                    "creates each format once, at its first use; formats have no state",
            "serialization.CompressorRegistry.STANDARD",
                    "creates each format once, at its first use; formats have no state");

    private static final Set<String> IMMUTABLE = Set.of(
            "java.util.ImmutableCollections", "java.util.Collections$Unmodifiable", "java.util.Collections$Empty");

    @Test
    void staticFieldsAreImmutable() throws Exception {
        Map<String, String> mutableFields = new TreeMap<>();
        int staticFields = 0;
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("testkit"))
                .importPackages("dev.holdfast")) {
            for (JavaField field : type.getFields()) {
                if (field.getModifiers().contains(JavaModifier.STATIC)
                        && !field.getName().contains("$")) {
                    staticFields++;
                    String reason = whyMutable(field);
                    if (!reason.isEmpty()) {
                        mutableFields.put(type.getName().replace("dev.holdfast.", "") + "." + field.getName(), reason);
                    }
                }
            }
        }
        assertThat(mutableFields.keySet()).as("%s", mutableFields).isEqualTo(new TreeSet<>(ALLOWED.keySet()));
        assertThat(staticFields).isGreaterThan(100);
    }

    private static String whyMutable(JavaField field) throws Exception {
        if (!field.getModifiers().contains(JavaModifier.FINAL)) {
            return "not final";
        }
        JavaClass type = field.getRawType();
        if (type.isPrimitive() || type.isEnum() || type.isEquivalentTo(String.class)) {
            return "";
        }
        Class<?> owner = Class.forName(field.getOwner().getName(), true, StaticStateTest.class.getClassLoader());
        Field reflected = owner.getDeclaredField(field.getName());
        reflected.setAccessible(true);
        return whyMutable(reflected.get(null));
    }

    private static String whyMutable(Object value) throws Exception {
        String name = value.getClass().getName();
        if (value.getClass().isArray()) {
            return Array.getLength(value) == 0 ? "" : "an array";
        }
        if (value instanceof Collection || value instanceof Map) {
            return IMMUTABLE.stream().anyMatch(name::startsWith) ? "" : "a " + name;
        }
        boolean mutable = name.startsWith("java.util.concurrent.")
                || name.startsWith("java.lang.ThreadLocal")
                || value instanceof StringBuilder
                || value instanceof Thread;
        return mutable ? "a " + name : whyPartsAreMutable(value);
    }

    /** Looks through fields of library types and through elements of collections, which are private to their owner. */
    private static String whyPartsAreMutable(@Nullable Object value) throws Exception {
        Collection<?> elements = value instanceof Map<?, ?> map ? map.values() : List.of();
        for (Object element : value instanceof Collection<?> collection ? collection : elements) {
            String why = whyPartsAreMutable(element);
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
            String why = whyPartsAreMutable(field.get(value));
            if (!why.isEmpty()) {
                return why;
            }
        }
        return "";
    }

    @Test
    void mutableValuesAreDetected() throws Exception {
        assertThat(whyMutable(new byte[1])).isNotEmpty();
        assertThat(whyMutable(new TreeMap<>())).isNotEmpty();
        assertThat(whyMutable(new AtomicInteger())).isNotEmpty();
        assertThat(whyMutable(new ConnectionSettings())).isNotEmpty();
        assertThat(whyMutable(Map.of())).isEmpty();
        assertThat(whyMutable(Exchange.ANONYMOUS)).isEmpty();
        assertThat(whyMutable(ConnectionOptions.parse("amqp://"))).contains("ConnectionSettings.");
    }
}
