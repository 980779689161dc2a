package dev.holdfast.serialization;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.internal.json.Jackson2Format;

/**
 * {@link Json} by Jackson 2, {@code com.fasterxml.jackson.core:jackson-databind}, which must be there. {@link
 * Json#plain()} and {@link Json#kombu()} use whichever Jackson is there.
 */
public final class Jackson2 {
    private Jackson2() {}

    /** Returns a serializer that writes plain JSON. */
    public static Json plain() {
        return new Json(Jackson2Format.standard(true));
    }

    /** Returns a serializer that writes and reads with a copy of this mapper alone, without the types of Json. */
    public static Json plain(ObjectMapper mapper) {
        return new Json(Jackson2Format.of(requireNonNull(mapper, "mapper"), true));
    }

    /** Returns a serializer that writes Kombu's envelopes. */
    public static Json kombu() {
        return new Json(Jackson2Format.standard(false));
    }

    /** Returns a serializer that writes Kombu's envelopes, which take precedence over a copy of this mapper. */
    public static Json kombu(ObjectMapper mapper) {
        return new Json(Jackson2Format.of(requireNonNull(mapper, "mapper"), false));
    }
}
