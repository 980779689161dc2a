package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed py-amqp reads the vectors of header forms as py-amqp 5.3.1 does; Debian's is 5.1.1. */
class HeaderFormsIT {
    @TempDir
    private Path folder;

    @Test
    void installedPyAmqpReadsTheVectors() throws Exception {
        KombuProcess python = KombuProcess.require(folder, getClass());
        List<List<String>> vectors;
        try (InputStream in = requireNonNull(getClass().getResourceAsStream("/vectors/headers-py-amqp-5.3.1.txt"))) {
            vectors = new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> Arrays.stream(line.split("\\|", -1))
                            .map(String::strip)
                            .toList())
                    .toList();
        }
        assertThat(vectors).hasSizeGreaterThan(30);
        List<String> read = python
                .run(
                        "kombu_headers.py",
                        vectors.stream()
                                .map(vector -> vector.get(1).replace(" ", ""))
                                .toList())
                .stream()
                .map(JsonNode::textValue)
                .map(text -> text.replace("\u0002", "\\u0002"))
                .toList();
        assertThat(read)
                .isEqualTo(vectors.stream()
                        .map(vector -> vector.get(2).replace(" differs", ""))
                        .toList());
    }
}
