package dev.holdfast.jmh.load;

import java.util.List;
import java.util.Map;

/** The body of the JSON measurements. */
public final class JsonBody {
    /** A small map. */
    public static final Map<String, Object> MAP =
            Map.of("hello", "world", "id", 4711, "price", 12.5, "tags", List.of("new", "blue"));

    private JsonBody() {}
}
