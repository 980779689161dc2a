package dev.holdfast.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.Properties;

/** Texts on the class path that a page is made of. */
final class Resource {
    private Resource() {}

    /** A text of this package. */
    static String text(String name) throws IOException {
        try (InputStream in = Resource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException("class path: no " + name + " (expected: it is built in)");
            }
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /** A text of uPlot's jar. */
    static String plotLibrary(String name) throws IOException {
        Properties built = new Properties();
        built.load(new StringReader(text("uplot.properties")));
        return text("/META-INF/resources/webjars/uplot/" + built.getProperty("version") + "/" + name);
    }
}
