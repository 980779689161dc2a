package dev.holdfast.cli.common;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureLogTest {
    private static final Path FULL = Path.of("/dev/full");

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Streams streams = new Streams(
            InputStream.nullInputStream(), OutputStream.nullOutputStream(), new PrintStream(err, true, UTF_8), false);

    private void report(@Nullable Path file, int failures) throws IOException {
        try (FailureLog log = new FailureLog(streams, file)) {
            for (int line = 1; line <= failures; line++) {
                log.report("line " + line, "reason");
            }
            log.reportOmitted();
        }
    }

    private static List<String> lines(int failures) {
        return IntStream.rangeClosed(1, failures)
                .mapToObj(line -> "line " + line + ": reason")
                .toList();
    }

    @Test
    void fileNamesEveryMessage(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("failed");
        report(file, 12);
        assertThat(file).content().hasLineCount(12);
        assertThat(Files.readAllLines(file)).isEqualTo(lines(12));
        assertThat(err.toString(UTF_8).lines())
                .hasSize(11)
                .last()
                .isEqualTo("holdfast: and 2 more messages failed; all 12 are named in " + file);
    }

    @Test
    void fileIsEmptyIfNoMessageFailed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("failed"), "of an earlier run");
        report(file, 0);
        assertThat(file).isEmptyFile();
        assertThat(err.size()).isZero();
    }

    @Test
    void temporaryFileNamesEveryMessageIfThereAreMoreThanTen() throws IOException {
        report(null, 10);
        assertThat(err.toString(UTF_8)).hasLineCount(10);
        err.reset();
        report(null, 11);
        String last = err.toString(UTF_8).lines().skip(10).findFirst().orElseThrow();
        Path file = Path.of(last.substring(last.indexOf("named in ") + 9));
        assertThat(Files.readAllLines(file)).isEqualTo(lines(11));
        Files.delete(file);
    }

    @Test
    void standardErrorNamesEveryMessageIfTheDiskIsFull() throws IOException {
        assumeTrue(Files.exists(FULL));
        report(FULL, 30);
        assertThat(err.toString(UTF_8).lines())
                .hasSize(31)
                .containsSubsequence(
                        "holdfast: line 1: reason",
                        "holdfast: file /dev/full: cannot be written: No space left on device; failed messages are"
                                + " reported here instead",
                        "holdfast: line 2: reason",
                        "holdfast: line 30: reason");
    }
}
