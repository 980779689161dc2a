package dev.holdfast.codegen;

import dev.holdfast.codegen.emit.GeneratedFile;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;

/** Compiles generated sources with stubs of the library types that they use, and loads the classes. */
final class Compiled implements AutoCloseable {
    private static final Path STUBS = Path.of("src", "test", "resources", "stubs");
    private static final List<String> OPTIONS =
            List.of("--release", "17", "-proc:none", "-Xlint:all", "-Xdoclint:all,-missing", "-Werror");

    private final URLClassLoader classes;

    private Compiled(URLClassLoader classes) {
        this.classes = classes;
    }

    /** Compiles the sources in a separate module, with warnings as errors. */
    static Compiled of(Path protocolFile, Path folder) throws IOException, URISyntaxException {
        List<JavaFileObject> sources = new ArrayList<>();
        for (GeneratedFile file : Generator.files(protocolFile)) {
            sources.add(new Source(file.path(), file.content()));
        }
        try (Stream<Path> stubs = Files.walk(STUBS)) {
            for (Path stub : stubs.filter(Files::isRegularFile).toList()) {
                sources.add(new Source(STUBS.relativize(stub).toString(), Files.readString(stub)));
            }
        }
        Path jspecify = Path.of(NullMarked.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> options = new ArrayList<>(OPTIONS);
        options.addAll(List.of("--module-path", jspecify.toString(), "-d", folder.toString()));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter diagnostics = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(diagnostics, files, null, options, null, sources)
                    .call();
            if (!compiled) {
                throw new AssertionError(diagnostics);
            }
        }
        URL[] path = {folder.toUri().toURL(), jspecify.toUri().toURL()};
        return new Compiled(new URLClassLoader(path, null));
    }

    Class<?> type(String name) {
        try {
            return classes.loadClass("dev.holdfast." + name);
        } catch (ClassNotFoundException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            classes.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String content;

        Source(String path, String content) {
            super(URI.create("string:///" + path), Kind.SOURCE);
            this.content = content;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return content;
        }
    }
}
