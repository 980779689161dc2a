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
 * Reads an exchange, queue or binding from a map with Kombu's keys. Each read removes its key; a null value counts as
 * absent; {@link #end} refuses the keys that are left.
 */
final class KombuDefinition {
    /** Arguments with a Kombu key of their own. Times are in seconds in Kombu, in milliseconds on the wire. */
    private static final Map<String, String> KOMBU_KEYS = Map.of(
            "x-expires", "expires",
            "x-message-ttl", "message_ttl",
            "x-max-length", "max_length",
            "x-max-length-bytes", "max_length_bytes",
            "x-max-priority", "max_priority");

    private final String kind;
    private final Map<String, Object> unread;
    private final TreeSet<String> knownKeys = new TreeSet<>();

    KombuDefinition(String kind, Map<String, ?> map) {
        this.kind = kind;
        this.unread = new LinkedHashMap<>(map);
    }

    private @Nullable Object take(String key) {
        knownKeys.add(key);
        return unread.remove(key);
    }

    /** Passes the converted value of a key to a wither of the entity, if the key has a value. */
    <T, V> T set(T entity, String key, BiFunction<String, Object, V> conversion, BiFunction<T, V, T> wither) {
        Object value = take(key);
        return value == null ? entity : wither.apply(entity, conversion.apply(key, value));
    }

    /** Returns the text of a required key. */
    String name(String key) {
        return text(key, required(key));
    }

    /** Returns the text of a key, or the default if the key is absent. */
    String text(String key, String defaultText) {
        return set(defaultText, key, KombuDefinition::text, (unused, value) -> value);
    }

    /** Returns the table of a required key. */
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

    /** Returns the exchange of a queue: its own table, or built from a name and the options of Kombu's from_dict. */
    Map<String, ?> exchange() {
        Object value = take("exchange");
        if (value instanceof Map<?, ?>) {
            return table("exchange", value);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", value == null ? "" : value);
        if (value != null && !value.equals("")) {
            map.put("type", take("exchange_type"));
            map.put("durable", unread.get("durable"));
            map.put("auto_delete", unread.get("auto_delete"));
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

    /** Refuses the keys that were not read. */
    void end() {
        for (String key : unread.keySet()) {
            throw Arguments.invalid(kind + " key", key, "one of " + knownKeys);
        }
    }

    /** Puts typed arguments under their Kombu key, if there is one, and all others into {@code queue_arguments}. */
    static void putArguments(Map<String, Object> target, Map<String, Object> arguments, Map<String, Object> typed) {
        Map<String, Object> others = new LinkedHashMap<>(arguments);
        typed.forEach((argument, value) -> {
            String key = KOMBU_KEYS.get(argument);
            if (key == null) {
                others.put(argument, value);
            } else {
                boolean time = key.equals("expires") || key.equals("message_ttl");
                target.put(key, time ? ((Number) value).longValue() / 1000.0 : value);
            }
        });
        target.put("queue_arguments", Collections.unmodifiableMap(others));
    }

    static boolean flag(String key, Object value) {
        return as(Boolean.class, key, value, "true or false");
    }

    static String text(String key, Object value) {
        return as(String.class, key, value, "text");
    }

    @SuppressWarnings("unchecked") // the loop checks that all keys are strings
    static Map<String, ?> table(String key, Object value) {
        Map<?, ?> map = as(Map.class, key, value, "a map");
        for (Object tableKey : map.keySet()) {
            text(key + " key", tableKey);
        }
        return (Map<String, ?>) map;
    }

    static List<Map<String, ?>> tables(String key, Object value) {
        List<?> list = as(List.class, key, value, "a list of maps");
        return list.stream().<Map<String, ?>>map(element -> table(key, element)).toList();
    }

    static long number(String key, Object value) {
        try {
            return new BigDecimal(as(Number.class, key, value, "a whole number").toString()).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw Arguments.invalid(key, value, "a whole number");
        }
    }

    static int count(String key, Object value) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(-1, number(key, value))); // the wither refuses both limits
    }

    static Duration seconds(String key, Object value) {
        double seconds = as(Number.class, key, value, "a number").doubleValue();
        if (Double.isNaN(seconds)) {
            throw Arguments.invalid(key, value, "a number");
        }
        return Duration.ofMillis(Math.round(seconds * 1000)); // saturates at a value that the wither refuses
    }

    /** Converts a delivery mode: its number, or Kombu's name of it. */
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
