package dev.holdfast.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codegen.emit.GeneratedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares generated files with golden files, so that a review shows the effect of a change to the generator. The
 * property {@code golden.update} rewrites the golden files.
 */
class GoldenFilesTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");
    private static final Path BITS = Path.of("src", "test", "resources", "specs", "bits.xml");
    private static final boolean UPDATE = System.getProperty("golden.update") != null;

    @ParameterizedTest
    @ValueSource(strings = {"QueueMethods.java", "PropertiesCodec.java", "MessageProperties.java", "ReplyCode.java"})
    void protocolFileGeneratesTheGoldenFiles(String name) throws IOException {
        compare(ProtocolFile.PATH, name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BitsMethods.java"})
    void bitsFileGeneratesTheGoldenFile(String name) throws IOException {
        compare(BITS, name);
    }

    private static void compare(Path protocolFile, String name) throws IOException {
        String generated = Generator.files(protocolFile).stream()
                .filter(file -> file.path().endsWith("/" + name))
                .map(GeneratedFile::content)
                .findFirst()
                .orElseThrow();
        Path golden = GOLDEN.resolve(name);
        if (UPDATE) {
            Files.createDirectories(GOLDEN);
            Files.writeString(golden, generated);
        }
        assertThat(golden).content().isEqualTo(generated);
    }
}
