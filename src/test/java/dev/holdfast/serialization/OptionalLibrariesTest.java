package dev.holdfast.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The library without optional libraries: without any, with Jackson 2, with Jackson 3, with both. */
class OptionalLibrariesTest {
    private static final String JACKSON_2 = ".*/com/fasterxml/jackson/core/.*/jackson-(annotations|core|databind)-.*";
    private static final String JACKSON_3 =
            ".*/tools/jackson/core/.*/jackson-(core|databind)-.*|.*/jackson-annotations-.*";
    private static final String NO_LIBRARY = "needs a library that is absent (expected: ";

    private URLClassLoader isolated = isolated("none");

    /** Loads the classes of this library and the jars whose paths match. */
    private static URLClassLoader isolated(String jars) {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            String path = entry.replace('\\', '/');
            if (path.endsWith("/classes") || path.matches(".*/holdfast-[0-9][^/]*\\.jar") || path.matches(jars)) {
                urls.add(url(Path.of(entry)));
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void isolate(String jars) throws IOException {
        isolated.close();
        isolated = isolated(jars);
    }

    @AfterEach
    void close() throws IOException {
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
            assertThat(failure(registry, name)).hasMessageContaining(NO_LIBRARY + library);
        }
    }

    @Test
    void textRawAndGzipNeedNoLibrary() throws Exception {
        for (String name : List.of("text", "raw")) {
            assertThat(serialize(get("SerializerRegistry", name), "x")).isEqualTo("x");
        }
        assertThat(get("CompressorRegistry", "gzip")).isNotNull();
        assertThat(failure("SerializerRegistry", "toml"))
                .hasMessageContaining("expected: one of [json, kombu-json, msgpack");
    }

    static Stream<Arguments> jacksons() {
        return Stream.of(
                Arguments.of(JACKSON_2, "com.fasterxml.jackson"),
                Arguments.of(JACKSON_3, "tools.jackson"),
                Arguments.of(JACKSON_2 + "|" + JACKSON_3, "com.fasterxml.jackson"));
    }

    /** Jackson 2 if both are there. */
    @ParameterizedTest
    @MethodSource("jacksons")
    void jsonGoesByTheJacksonThatIsThere(String jars, String usedPackage) throws Exception {
        isolate(jars);
        UUID id = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        Object body = Map.of("id", List.of(id, new BigDecimal("1.50")));

        Object json = get("SerializerRegistry", "json");
        assertThat(serialize(json, body)).isEqualTo("{\"id\":[\"" + id + "\",1.50]}");
        Object kombu = get("SerializerRegistry", "kombu-json");
        byte[] envelopes = serialize(kombu, body).getBytes(UTF_8);
        assertThat(invoke(json, "deserialize", byte[].class, envelopes)).isEqualTo(body);
        assertThatThrownBy(() -> serialize(json, new Object()))
                .rootCause()
                .satisfies(e -> assertThat(e.getClass().getName()).startsWith(usedPackage));
    }

    @Test
    void absentJacksonIsNamed() throws Exception {
        for (String name : List.of("json", "kombu-json", "application/vnd.acme+json")) {
            assertThat(failure("SerializerRegistry", name))
                    .hasMessageContaining(NO_LIBRARY + "com.fasterxml.jackson.core:jackson-databind")
                    .hasMessageContaining("tools.jackson.core:jackson-databind)");
        }
    }

    /** Jackson 3 brings the annotations of Jackson 2, and some libraries its core: they are not enough. */
    @Test
    void partsOfJacksonAreNotEnough() throws Exception {
        isolate(".*/com/fasterxml/jackson/core/.*/jackson-(annotations|core)-.*");
        assertThat(failure("SerializerRegistry", "json")).hasMessageContaining(NO_LIBRARY);
    }

    /** The error is that of the publish, and of the delivery: a message is neither lost nor acknowledged. */
    @Test
    void bodyThatNeedsJacksonIsRefusedWhenItIsEncodedOrDecoded() throws Exception {
        Class<?> serializers = isolated.loadClass("dev.holdfast.serialization.SerializerRegistry");
        Class<?> compressors = isolated.loadClass("dev.holdfast.serialization.CompressorRegistry");
        Object encoder = isolated.loadClass("dev.holdfast.serialization.BodyEncoder")
                .getConstructor(serializers, compressors)
                .newInstance(standard("SerializerRegistry"), standard("CompressorRegistry"));
        Method encode = encoder.getClass()
                .getMethod("encode", Object.class, String.class, String.class, String.class, String.class);
        for (Object body : List.of("text", new byte[] {1})) {
            assertThat(encode.invoke(encoder, body, null, null, null, null)).isNotNull();
        }
        assertThatThrownBy(() -> encode.invoke(encoder, Map.of("a", 1), null, null, null, null))
                .cause()
                .hasMessageContaining(NO_LIBRARY)
                .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo("SerializerNotInstalledException"));

        Class<?> accept = isolated.loadClass("dev.holdfast.serialization.Accept");
        Object decoder = isolated.loadClass("dev.holdfast.serialization.BodyDecoder")
                .getConstructor(serializers, compressors)
                .newInstance(standard("SerializerRegistry"), standard("CompressorRegistry"));
        Method decode =
                decoder.getClass().getMethod("decode", byte[].class, String.class, String.class, Object.class, accept);
        Object safe = accept.getMethod("safe").invoke(null);
        assertThat(decode.invoke(decoder, new byte[] {'a'}, "text/plain", "utf-8", null, safe))
                .isEqualTo("a");
        assertThatThrownBy(() -> decode.invoke(decoder, new byte[] {'1'}, "application/json", "utf-8", null, safe))
                .cause()
                .hasMessageContaining(NO_LIBRARY)
                .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo("SerializerNotInstalledException"));
    }

    private Object get(String registry, String name) throws Exception {
        return invoke(standard(registry), "get", String.class, name);
    }

    private static String serialize(Object serializer, Object body) throws Exception {
        return new String((byte[]) invoke(serializer, "serialize", Object.class, body), UTF_8);
    }

    private static Object invoke(Object target, String method, Class<?> type, Object argument) throws Exception {
        return target.getClass().getMethod(method, type).invoke(target, argument);
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
