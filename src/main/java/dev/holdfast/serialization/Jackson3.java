package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import dev.holdfast.internal.json.Jackson3Format;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@link Json} by Jackson 3, {@code tools.jackson.core:jackson-databind}, which must be there. {@link
 * Json#plain()} and {@link Json#kombu()} use whichever Jackson is there.
 */
public final class Jackson3 {
    private Jackson3() {}

    /** Returns a serializer that writes plain JSON. */
    public static Json plain() {
        return new Json(Jackson3Format.standard(true));
    }

    /** Returns a serializer that writes and reads with this mapper alone, without the types of Json. */
    public static Json plain(JsonMapper mapper) {
        return new Json(Jackson3Format.of(requireNonNull(mapper, "mapper"), true));
    }

    /** Returns a serializer that writes Kombu's envelopes. */
    public static Json kombu() {
        return new Json(Jackson3Format.standard(false));
    }

    /** Returns a serializer that writes Kombu's envelopes, which take precedence over this mapper. */
    public static Json kombu(JsonMapper mapper) {
        return new Json(Jackson3Format.of(requireNonNull(mapper, "mapper"), false));
    }
}
