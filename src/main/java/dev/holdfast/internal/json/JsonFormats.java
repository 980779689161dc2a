package dev.holdfast.internal.json;

import dev.holdfast.SerializerNotInstalledException;

/** Chooses the library that JSON goes by: Jackson 2 if it is there, else Jackson 3. */
public final class JsonFormats {
    private JsonFormats() {}

    /**
     * Returns plain JSON, or JSON with Kombu's envelopes.
     *
     * @throws SerializerNotInstalledException if neither library is there
     */
    public static JsonFormat standard(boolean plain) {
        try {
            return Jackson2Format.standard(plain);
        } catch (LinkageError absent) {
            return jackson3(plain, absent);
        }
    }

    private static JsonFormat jackson3(boolean plain, LinkageError jackson2) {
        try {
            return Jackson3Format.standard(plain);
        } catch (LinkageError e) {
            e.addSuppressed(jackson2);
            throw new SerializerNotInstalledException(
                    absent(JsonFormats.class.getModule().isNamed()), e);
        }
    }

    /** A jar on the module path is not used before a module requires it. */
    private static String absent(boolean asModule) {
        return "application/json needs a library that is absent (expected: com.fasterxml.jackson.core:jackson-databind"
                + " of version 2.16 or later, or tools.jackson.core:jackson-databind)"
                + (asModule
                        ? ", required by a module as com.fasterxml.jackson.databind or tools.jackson.databind"
                        : "");
    }
}
