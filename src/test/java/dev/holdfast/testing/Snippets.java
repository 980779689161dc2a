package dev.holdfast.testing;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles Java blocks of pages: a program as it is, statements in a class that declares what they use. */
public final class Snippets {
    /** A block behind a line that begins with this is not compiled. The line names the reason. */
    public static final String EXEMPTION = "<!-- not compiled: ";

    private static final String IMPORTS = "import dev.holdfast.*; import dev.holdfast.pool.*;"
            + " import dev.holdfast.serialization.*; import java.nio.file.Path; import java.time.*;"
            + " import java.util.List; import java.util.Map; import java.util.UUID; import java.util.concurrent.*;"
            + " import dev.holdfast.testkit.*; import dev.holdfast.testkit.junit.*; import org.junit.jupiter.api.Test;";

    /** The names that a snippet may use without a declaration. */
    private static final String CONTEXT = "Connection connection; Producer producer; Channel channel;"
            + " ConnectionOptions options; Exchange media; Queue video, videoQueue; Object body; String uri;"
            + " Pools pools; RetryPolicy policy; Vault vault; Timer timer; Seen seen;"
            + " interface Vault { String token(); } interface Timer { void record(Duration latency); }"
            + " interface Seen { boolean add(String id); }"
            + " abstract void process(Object body); abstract void function(); abstract void alarm(String reason);"
            + " record Order(String id, int amount) {} ExecutorService executor; abstract void publishTo(String uri);"
            + " interface OrderService extends AutoCloseable { void place(String id);"
            + " static OrderService connect(String uri) { throw new AssertionError(); } }";

    private Snippets() {}

    /** Compiles blocks into a folder, and returns the errors of the compiler, "" if there are none. */
    public static String compile(List<Pages.Block> blocks, Path output) {
        StringWriter messages = new StringWriter();
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(
                        messages,
                        null,
                        null,
                        List.of(
                                "--release",
                                "17",
                                "-d",
                                output.toString(),
                                "-cp",
                                System.getProperty("java.class.path")),
                        null,
                        blocks.stream().map(Snippets::source).collect(Collectors.toList()))
                .call();
        return compiled ? "" : messages.toString();
    }

    /** Whether a block is a whole compilation unit. */
    public static boolean isProgram(Pages.Block block) {
        return block.text().startsWith("import ");
    }

    private static JavaFileObject source(Pages.Block block) {
        if (isProgram(block)) {
            String name = block.text().replaceFirst("(?s).*?\\bpublic (?:final )?class (\\w+).*", "$1");
            return new Source(name, block.text());
        }
        String name = (block.page() + "_" + block.line()).replaceAll("\\W", "_");
        String statements =
                block.text().lines().filter(line -> !line.strip().equals("...")).collect(Collectors.joining("\n"));
        String end = statements.stripTrailing().matches("(?s).*[;}]|.*;\\s*//[^\\n]*") ? "" : "\n;";
        // The block begins on its own line of the page, so that errors have the page's line numbers.
        String lines = "\n".repeat(block.line());
        return new Source(
                name,
                IMPORTS + "abstract class " + name + " { " + CONTEXT + " void run() throws Exception {" + lines
                        + statements + end + "\n} }");
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
