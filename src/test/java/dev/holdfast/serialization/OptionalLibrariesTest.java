package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library without its optional libraries, or without Jackson too. */
class OptionalLibrariesTest {
    private URLClassLoader isolated;

    @BeforeEach
    void isolateFromOptionalLibraries() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            String path = entry.replace('\\', '/');
            if (path.endsWith("/classes")
                    || path.matches(".*/holdfast-[0-9][^/]*\\.jar")
                    || path.matches(".*/jackson-(annotations|core|databind)-[^/]*\\.jar")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        isolated = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @AfterEach
    void close() throws Exception {
        isolated.close();
    }

    @ParameterizedTest
    @CsvSource({
        "SerializerRegistry,yaml,org.yaml:snakeyaml",
        "SerializerRegistry,application/x-yaml,org.yaml:snakeyaml",
        "SerializerRegistry,msgpack,org.msgpack:msgpack-core",
        "SerializerRegistry,pickle,net.razorvine:pickle",
        "CompressorRegistry,bzip2,org.apache.commons:commons-compress",
        "CompressorRegistry,xz,org.tukaani:xz",
        "CompressorRegistry,zstd,com.github.luben:zstd-jni",
        "CompressorRegistry,application/x-brotli,com.aayushatharva.brotli4j:brotli4j"
    })
    void absentLibraryIsNamed(String registry, String name, String library) throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(failure(registry, name))
                    .hasMessageContaining("needs a library that is absent (expected: " + library);
        }
    }

    @Test
    void jsonTextRawAndGzipNeedNoOptionalLibrary() throws Exception {
        Object registry = standard("SerializerRegistry");
        for (String name : List.of("json", "text", "raw")) {
            Object serializer =
                    registry.getClass().getMethod("get", String.class).invoke(registry, name);
            Object bytes = isolated.loadClass("dev.holdfast.serialization.Serializer")
                    .getMethod("serialize", Object.class)
                    .invoke(serializer, "x");
            assertThat(new String((byte[]) bytes, UTF_8)).contains("x");
        }
        Object compressors = standard("CompressorRegistry");
        assertThat(compressors.getClass().getMethod("get", String.class).invoke(compressors, "gzip"))
                .isNotNull();
        assertThat(failure("SerializerRegistry", "toml"))
                .hasMessageContaining("expected: one of [json, kombu-json, msgpack");
    }

    /** Programs that publish bytes do not load Jackson, which is a large part of the start-up time. */
    @Test
    void textAndRawNeedNoJackson() throws Exception {
        URL[] urls = Stream.of(isolated.getURLs())
                .filter(url -> !url.getPath().contains("/jackson-"))
                .toArray(URL[]::new);
        isolated.close();
        isolated = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
        Object registry = standard("SerializerRegistry");
        for (String name : List.of("text", "raw")) {
            assertThat(registry.getClass().getMethod("get", String.class).invoke(registry, name))
                    .isNotNull();
        }
        assertThat(failure("SerializerRegistry", "json"))
                .hasMessageContaining("(expected: com.fasterxml.jackson.core:jackson-databind)");
    }

    private Throwable failure(String registry, String name) throws Exception {
        Object standard = standard(registry);
        try {
            standard.getClass().getMethod("get", String.class).invoke(standard, name);
        } catch (InvocationTargetException e) {
            assertThat(e.getCause().getClass().getName()).isEqualTo("dev.holdfast.SerializerNotInstalledException");
            return e.getCause();
        }
        throw new AssertionError(name + " (expected: SerializerNotInstalledException)");
    }

    private Object standard(String registry) throws Exception {
        return isolated.loadClass("dev.holdfast.serialization." + registry)
                .getMethod("standard")
                .invoke(null);
    }
}
