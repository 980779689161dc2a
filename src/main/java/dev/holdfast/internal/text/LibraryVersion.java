package dev.holdfast.internal.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;

/** The version of the library. It is a resource: neither a named module nor a shaded jar has that of the manifest. */
public final class LibraryVersion {
    private static final String VERSION = read();

    private LibraryVersion() {}

    public static String get() {
        return VERSION;
    }

    private static String read() {
        try (InputStream in = LibraryVersion.class.getResourceAsStream("version.txt")) {
            return in == null ? "unknown" : new String(in.readAllBytes(), UTF_8).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
