package dev.holdfast;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * An exchange, queue or binding as a map with Kombu's keys, while it is read: each key is taken by the one that it means
 * something to, null is as absent, and what nobody took is refused.
 */
final class KombuDefinition {
    /** Arguments that Kombu has names of its own for; times are seconds there, milliseconds on the wire. */
    private static final Map<String, String> TYPED = Map.of(
            "x-expires", "expires",
            "x-message-ttl", "message_ttl",
            "x-max-length", "max_length",
            "x-max-length-bytes", "max_length_bytes",
            "x-max-priority", "max_priority");

    private final String kind;
    private final Map<String, Object> left;
    private final TreeSet<String> known = new TreeSet<>();

    KombuDefinition(String kind, Map<String, ?> map) {
        this.kind = kind;
        this.left = new LinkedHashMap<>(map);
    }

    private @Nullable Object take(String key) {
        known.add(key);
        return left.remove(key);
    }

    /** Hands the value of a key, where there is one, to a wither. */
    <T, V> T set(T entity, String key, BiFunction<String, Object, V> as, BiFunction<T, V, T> wither) {
        Object value = take(key);
        return value == null ? entity : wither.apply(entity, as.apply(key, value));
    }

    /** Returns the text under a key, which must be there. */
    String name(String key) {
        return text(key, required(key));
    }

    /** Returns the text under a key, or another where there is none. */
    String text(String key, String otherwise) {
        return set(otherwise, key, KombuDefinition::text, (unused, value) -> value);
    }

    /** Returns the table under a key, which must be there. */
    Map<String, ?> table(String key) {
        return table(key, required(key));
    }

    private Object required(String key) {
        Object value = take(key);
        if (value == null) {
            throw Arguments.invalid(kind + " key", key + " is missing", "a value");
        }
        return value;
    }

    /** Returns the exchange of a queue: a table of its own, or, given by name, as Kombu's from_dict has it. */
    Map<String, ?> exchange() {
        Object value = take("exchange");
        if (value instanceof Map<?, ?>) {
            return table("exchange", value);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", value == null ? "" : value);
        if (value != null && !value.equals("")) {
            map.put("type", take("exchange_type"));
            map.put("durable", left.get("durable"));
            map.put("auto_delete", left.get("auto_delete"));
            set(map, "exchange_durable", KombuDefinition::flag, (to, flag) -> with(to, "durable", flag));
            set(map, "exchange_auto_delete", KombuDefinition::flag, (to, flag) -> with(to, "auto_delete", flag));
            map.put("delivery_mode", take("delivery_mode"));
            map.put("arguments", take("exchange_arguments"));
        }
        return map;
    }

    private static Map<String, Object> with(Map<String, Object> map, String key, Object value) {
        map.put(key, value);
        return map;
    }

    /** Refuses what nobody took. */
    void end() {
        for (String key : left.keySet()) {
            throw Arguments.invalid(kind + " key", key, "one of " + known);
        }
    }

    /** Says what typed methods set by Kombu's names, where it has one, and the rest as arguments. */
    static void describe(Map<String, Object> to, Map<String, Object> arguments, Map<String, Object> typed) {
        Map<String, Object> rest = new LinkedHashMap<>(arguments);
        typed.forEach((argument, value) -> {
            String key = TYPED.get(argument);
            if (key == null) {
                rest.put(argument, value);
            } else {
                boolean time = key.equals("expires") || key.equals("message_ttl");
                to.put(key, time ? ((Number) value).longValue() / 1000.0 : value);
            }
        });
        to.put("queue_arguments", Collections.unmodifiableMap(rest));
    }

    static boolean flag(String key, Object value) {
        return as(Boolean.class, key, value, "true or false");
    }

    static String text(String key, Object value) {
        return as(String.class, key, value, "text");
    }

    @SuppressWarnings("unchecked") // the keys are looked at where they are used
    static Map<String, ?> table(String key, Object value) {
        Map<?, ?> map = as(Map.class, key, value, "a map");
        for (Object each : map.keySet()) {
            text(key + " key", each);
        }
        return (Map<String, ?>) map;
    }

    static List<Map<String, ?>> tables(String key, Object value) {
        List<?> list = as(List.class, key, value, "a list of maps");
        return list.stream().<Map<String, ?>>map(each -> table(key, each)).toList();
    }

    static long number(String key, Object value) {
        try {
            return new BigDecimal(as(Number.class, key, value, "a whole number").toString()).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw Arguments.invalid(key, value, "a whole number");
        }
    }

    static int count(String key, Object value) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(-1, number(key, value))); // the wither refuses either
    }

    static Duration seconds(String key, Object value) {
        double seconds = as(Number.class, key, value, "a number").doubleValue();
        if (Double.isNaN(seconds)) {
            throw Arguments.invalid(key, value, "a number");
        }
        return Duration.ofMillis(Math.round(seconds * 1000)); // ends at the longest, which the wither refuses
    }

    /** Reads a delivery mode by its number or by Kombu's name. */
    static int deliveryMode(String key, Object value) {
        if (value instanceof String) {
            return Arguments.oneOf(key, text(key, value), "transient", "persistent")
                            .equals("persistent")
                    ? 2
                    : 1;
        }
        return count(key, value);
    }

    private static <T> T as(Class<T> type, String key, @Nullable Object value, String expected) {
        if (!type.isInstance(value)) {
            throw Arguments.invalid(key, String.valueOf(value), expected);
        }
        return type.cast(value);
    }
}
