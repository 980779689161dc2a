package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first example of the README compiles. */
class ReadmeTest {
    private static final String FENCE = "```";

    @TempDir
    Path output;

    @Test
    void firstExampleCompiles() throws Exception {
        Path readme = Path.of(System.getProperty("basedir", "."), "..", "README.md");
        String text = Files.readString(readme);
        int start = text.indexOf(FENCE + "java") + FENCE.length() + "java".length();
        String example = text.substring(start, text.indexOf(FENCE, start));
        String source = "import dev.holdfast.*; import java.time.Duration; import java.util.Map;"
                + "class Example { void run() {" + example + "} }";

        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean compiled = compiler.getTask(
                        messages,
                        null,
                        null,
                        List.of("-d", output.toString(), "-cp", System.getProperty("java.class.path")),
                        null,
                        List.of(inMemory(source)))
                .call();

        assertThat(compiled).as("%s", messages).isTrue();
    }

    private static JavaFileObject inMemory(String source) {
        return new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }
}
