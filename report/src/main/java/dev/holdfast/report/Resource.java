package dev.holdfast.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.Properties;

/** Reads the text resources of a page from the class path. */
final class Resource {
    private Resource() {}

    /** Reads a resource of this package. */
    static String text(String name) throws IOException {
        try (InputStream in = Resource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException("missing resource: " + name + " (expected: on the class path)");
            }
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /** Reads a resource of the uPlot jar. */
    static String plotLibrary(String name) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text("uplot.properties")));
        return text("/META-INF/resources/webjars/uplot/" + properties.getProperty("version") + "/" + name);
    }
}
