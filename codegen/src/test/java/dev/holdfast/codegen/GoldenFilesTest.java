package dev.holdfast.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codegen.emit.GeneratedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows in a review what a change of the generator does to its output. {@code -Dgolden.update} writes them anew. */
class GoldenFilesTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");
    private static final Path BITS = Path.of("src", "test", "resources", "specs", "bits.xml");
    private static final boolean UPDATE = System.getProperty("golden.update") != null;

    @ParameterizedTest
    @ValueSource(strings = {"QueueMethods.java", "PropertiesCodec.java", "MessageProperties.java", "ReplyCode.java"})
    void protocolFileGeneratesWhatIsOnRecord(String name) throws IOException {
        compare(ProtocolFile.PATH, name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BitsMethods.java"})
    void bitsAreGeneratedAsIsOnRecord(String name) throws IOException {
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
