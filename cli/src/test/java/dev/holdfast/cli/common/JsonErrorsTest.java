package dev.holdfast.cli.common;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.serialization.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonErrorsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':1}          | unexpected '''",
                "{\"a\":NaN}      | unexpected 'NaN'",
                "[hello]          | unexpected 'hello'",
                "[1,]             | unexpected ']'",
                "{\"a\" 1}        | unexpected '1'",
                "{\"a             | unexpected end",
                "[01]             | invalid number",
                "[1e]             | unexpected ']'",
                "[\"\\x\"]        | invalid escape in a string",
                "[\u00e4]         | unexpected '\u00e4'",
                "[1]]             | unexpected ']'",
            })
    void namesWhatIsWrong(String json, String reason) {
        assertThat(parse(json)).startsWith(reason).contains("column ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "// comment",
                "[+1]",
                "[.5]",
                "[-]",
                "[1 2]",
                "{\"a\":tru}",
                "[\"\t\"]",
                "[\"\\u12G4\"]",
                "{,}",
                "[1_000]",
                "[Infinity]",
                "[-INF]",
                "{\"__type__\":\"date\",\"__value__\":7}",
                "{\"__type__\":\"x\",\"__value__\":7}",
                "{\"a\":{\"__type__\":\"uuid\",\"__value__\":[]}}",
                "1e999999999",
            })
    void noErrorContainsTheWordsOfJackson(String json) {
        assertThat(List.of(parse(json), decode(json), decode("[".repeat(1100) + json)))
                .allSatisfy(JsonErrorsTest::assertForUsers);
    }

    @Test
    void noErrorOfAMappingContainsTheWordsOfJackson() {
        Throwable mapping = catchThrowable(() -> new ObjectMapper().readValue("[{\"year\":1}]", String[].class));
        assertThat(mapping).hasMessageContaining("REDACTED");
        assertForUsers(ErrorHandler.describe(mapping));
        assertForUsers(ErrorHandler.describe(new RuntimeException("body: " + mapping.getMessage(), mapping)));
    }

    private static void assertForUsers(String message) {
        assertThat(message)
                .doesNotContain("REDACTED", "Source:", "Feature", "`", "jackson", "fasterxml", "java.", "Constraints")
                .isNotBlank();
    }

    private static String parse(String json) {
        Throwable error = catchThrowable(() -> {
            Object unused = new ObjectMapper()
                    .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(json.getBytes(UTF_8));
        });
        return error == null ? "valid" : ErrorHandler.describe(error);
    }

    private static String decode(String json) {
        Throwable error = catchThrowable(() -> Json.kombu().deserialize(json.getBytes(UTF_8)));
        return error == null ? "valid" : ErrorHandler.describe(error);
    }
}
