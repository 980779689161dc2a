package dev.holdfast;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares tables deeply: by the elements of their arrays, lists and maps. */
final class TableEquality {
    private TableEquality() {}

    static boolean equal(@Nullable Object one, @Nullable Object other) {
        if (one instanceof Map<?, ?> map && other instanceof Map<?, ?> otherMap) {
            return map.size() == otherMap.size()
                    && map.entrySet().stream()
                            .allMatch(entry -> otherMap.containsKey(entry.getKey())
                                    && equal(entry.getValue(), otherMap.get(entry.getKey())));
        }
        if (one instanceof List<?> list && other instanceof List<?> otherList) {
            Iterator<?> others = otherList.iterator();
            return list.size() == otherList.size() && list.stream().allMatch(value -> equal(value, others.next()));
        }
        return Objects.deepEquals(one, other);
    }

    static int hash(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .mapToInt(entry -> Objects.hashCode(entry.getKey()) ^ hash(entry.getValue()))
                    .sum();
        }
        if (value instanceof List<?> list) {
            return list.stream().mapToInt(TableEquality::hash).reduce(1, (hash, next) -> 31 * hash + next);
        }
        return value instanceof byte[] bytes
                ? Arrays.hashCode(bytes)
                : value instanceof Object[] array ? Arrays.deepHashCode(array) : Objects.hashCode(value);
    }
}
