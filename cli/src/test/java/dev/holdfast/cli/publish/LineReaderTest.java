package dev.holdfast.cli.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineReaderTest {
    @Test
    void removesOnlyTheLineFeed() throws IOException {
        assertThat(lines("one\r\n\n tw\u00f6 \nlast")).containsExactly("one\r", "", " tw\u00f6 ", "last");
    }

    @Test
    void finalLineFeedStartsNoLine() throws IOException {
        assertThat(lines("one\n")).containsExactly("one");
        assertThat(lines("")).isEmpty();
        assertThat(lines("\n")).containsExactly("");
    }

    @Test
    void assemblesLinesReadByteByByte() throws IOException {
        byte[] input = "a\nbc\n\u00e4\u00f6".getBytes(UTF_8);
        InputStream slow = new ByteArrayInputStream(input) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(1, length));
            }
        };
        assertThat(lines(LineReader.of(slow))).containsExactly("a", "bc", "\u00e4\u00f6");
    }

    @Test
    void readsALineOfFiveMebibytesBetweenShortOnes() throws IOException {
        byte[] large = new byte[5 << 20];
        Arrays.fill(large, (byte) 'x');
        String text = new String(large, UTF_8);
        assertThat(lines("a\n" + text + "\nb")).containsExactly("a", text, "b");
    }

    @Test
    void countsLinesAndBytes(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("lines"), "one\ntwo\n");
        try (LineReader source = LineReader.open(file.toString(), InputStream.nullInputStream())) {
            assertThat(source.size()).isEqualTo(8);
            assertThat(source.readLine()).isEqualTo("one".getBytes(UTF_8));
            assertThat(source.lineNumber()).isEqualTo(1);
            assertThat(source.bytesRead()).isEqualTo(8);
        }
    }

    @Test
    void rejectsMissingFilesAndDirectories(@TempDir Path folder) {
        assertThatThrownBy(() -> LineReader.open(folder.resolve("none").toString(), InputStream.nullInputStream()))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> LineReader.open(folder.toString(), InputStream.nullInputStream()))
                .hasMessageContaining("is a directory");
    }

    private static List<String> lines(String input) throws IOException {
        return lines(LineReader.of(new ByteArrayInputStream(input.getBytes(UTF_8))));
    }

    private static List<String> lines(LineReader source) throws IOException {
        List<String> lines = new ArrayList<>();
        for (byte[] line = source.readLine(); line != null; line = source.readLine()) {
            lines.add(new String(line, UTF_8));
        }
        return lines;
    }
}
