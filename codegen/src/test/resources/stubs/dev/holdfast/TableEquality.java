package dev.holdfast;

import java.util.Objects;

final class TableEquality {
    static boolean equal(Object one, Object other) {
        return Objects.equals(one, other);
    }

    static int hash(Object value) {
        return Objects.hashCode(value);
    }
}
