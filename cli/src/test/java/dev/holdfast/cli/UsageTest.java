package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "publish | no target",
                "publish --queue q --colour red | --colour",
                "publish --queue q --property colour=red | colour",
                "publish --queue q --property priority=256 | 256",
                "publish --queue q --property priority | priority",
                "publish --queue q --routing-key other | --routing-key: other",
                "publish --queue q --exchange-type topic | --exchange-type: topic",
                "publish --queue q --serializer yaml | yaml",
                "publish --queue q --timeout 0 | seconds above 0",
                "publish --queue q --timeout soon | seconds above 0",
                "publish --queue q --max-retries -1 | maxRetries: -1",
                "publish --queue q --uri http://localhost/ | --uri",
                "publish --queue q --uri amqp://localhost/ --embedded | expected: one of them",
                "publish --queue q one two | two",
                "consume | --queue",
                "consume --queue q --count 0 | --count: 0",
                "consume --queue q --timeout -1 | seconds above 0",
                "demo --messages 0 | --messages: 0",
                "demo --messages many | many",
                "broker --port 65536 | --port: 65536",
                "serve | serve"
            })
    void endsWrongUsageWithItsReasonAndCode2(String command, String reason) {
        Shell.Result result = Shell.run(command.split(" "));
        assertThat(result.err()).startsWith("holdfast: ").contains(reason).contains("--help");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "demo --help", "publish --help", "consume --help", "broker --help"})
    void teachesByExample(String command) {
        Shell.Result result = Shell.run(command.split(" "));
        assertThat(result.exitCode()).isZero();
        assertThat(result.text()).contains("Usage: holdfast").contains("  holdfast ");
        assertThat(result.text().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void printsTheVersionOfTheBuild() {
        Shell.Result result = Shell.run("--version");
        assertThat(result.exitCode()).isZero();
        assertThat(result.text()).matches("holdfast \\d.* \\(Java .*\\)\\R");
    }

    @Test
    void neverShowsThePasswordOfAUri() {
        assertThat(Shell.run("consume", "--queue", "q", "--uri", "amqp://me:s3cret@host:port/")
                        .err())
                .doesNotContain("s3cret");
    }
}
