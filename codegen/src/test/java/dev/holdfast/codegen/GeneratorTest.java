package dev.holdfast.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codegen.spec.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
    private static final FileTime OLD_TIME = FileTime.fromMillis(1_000_000_000_000L);

    @TempDir
    private Path folder;

    @Test
    void generatesIdenticalFilesTwice() throws IOException {
        Generator.generate(ProtocolFile.PATH, folder.resolve("one"));
        Generator.generate(ProtocolFile.PATH, folder.resolve("two"));

        assertThat(contents(folder.resolve("one")))
                .hasSize(15)
                .isEqualTo(contents(folder.resolve("two")))
                .allSatisfy((path, content) -> assertThat(content)
                        .startsWith("// Generated from protocol-spec/amqp0-9-1.xml. Do not edit.\n")
                        .doesNotContain("\r"));
    }

    @Test
    void doesNotRewriteUnchangedFiles() throws IOException {
        Generator.generate(ProtocolFile.PATH, folder);
        Path unchanged = folder.resolve("dev/holdfast/ReplyCode.java");
        Path changed = folder.resolve("dev/holdfast/internal/protocol/Method.java");
        String before = Files.readString(changed);
        Files.writeString(changed, before + "// stale\n");
        Files.setLastModifiedTime(unchanged, OLD_TIME);

        assertThat(Generator.generate(ProtocolFile.PATH, folder)).isEqualTo(1);
        assertThat(Files.getLastModifiedTime(unchanged)).isEqualTo(OLD_TIME);
        assertThat(Files.readString(changed)).isEqualTo(before);
        assertThat(Generator.generate(ProtocolFile.PATH, folder)).isZero();
    }

    @Test
    void removesOnlyStaleGeneratedFiles() throws IOException {
        Path stale = folder.resolve("dev/holdfast/internal/protocol/AccessMethods.java");
        Path handwritten = folder.resolve("dev/holdfast/Handwritten.java");
        Files.createDirectories(stale.getParent());
        Files.writeString(stale, "// Generated from protocol-spec/amqp0-9-1.xml. Do not edit.\n");
        Files.writeString(handwritten, "package dev.holdfast;\n");

        Generator.generate(ProtocolFile.PATH, folder);

        assertThat(stale).doesNotExist();
        assertThat(handwritten).exists();
    }

    @Test
    void writesNothingIfTheProtocolFileHasErrors() throws IOException {
        Path bad = folder.resolve("bad.xml");
        Files.writeString(bad, "<amqp/>");
        Path output = folder.resolve("output");

        assertThatThrownBy(() -> Generator.generate(bad, output)).isInstanceOf(SpecException.class);
        assertThat(output).doesNotExist();
    }

    @Test
    void rejectsAWrongNumberOfArguments() {
        assertThatThrownBy(() -> Main.main(new String[] {"only.xml"}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("arguments: 1 (expected: PROTOCOL_FILE OUTPUT_FOLDER)");
    }

    private static Map<String, String> contents(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                contents.put(root.relativize(path).toString(), Files.readString(path));
            }
        }
        return contents;
    }
}
