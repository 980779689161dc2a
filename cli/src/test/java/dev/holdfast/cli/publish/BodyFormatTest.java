package dev.holdfast.cli.publish;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.DecodeException;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyFormatTest {
    private final BodyFormat.LineValidator json = BodyFormat.JSON.validator();

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "[1,2,{\"a\":null}]", "\"t\u00f6xt\"", "17", "true", "null", " {\"a\":1} \r", "-1.5e300"})
    void acceptsAnyJsonDocument(String line) {
        assertThat(json.validate(line.getBytes(UTF_8))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "{\"a\":}", "{} {}", "1 2", "hello", "{'a':1}", "[1,]", "\"open"})
    void rejectsLinesThatAreNotOneJsonDocument(String line) {
        assertThat(json.validate(line.getBytes(UTF_8))).startsWith("not JSON").doesNotContain("\n");
    }

    @Test
    void reportsTheColumnOfASyntaxError() {
        assertThat(json.validate("{\"a\":x}".getBytes(UTF_8))).contains("column");
    }

    @Test
    void rejectsJsonThatIsNotUtf8() {
        assertThat(json.validate("\"\u00f6\"".getBytes(ISO_8859_1))).contains("UTF-8");
        assertThat(json.validate("{}".getBytes(UTF_16LE))).contains("UTF-8");
    }

    @Test
    void acceptsLongNumbersAndDeepNesting() {
        assertThat(json.validate("9".repeat(5000).getBytes(UTF_8))).isNull();
        assertThat(json.validate(("[".repeat(5000) + "]".repeat(5000)).getBytes(UTF_8)))
                .isNull();
    }

    @Test
    void textRequiresUtf8AndRawAcceptsAnyBytes() {
        byte[] latin = "\u00f6".getBytes(ISO_8859_1);
        assertThat(BodyFormat.TEXT.validator().validate(latin)).contains("UTF-8");
        assertThat(BodyFormat.TEXT.validator().validate("\u00f6".getBytes(UTF_8)))
                .isNull();
        assertThat(BodyFormat.RAW.validator().validate(latin)).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void bodyIsTheLineOrTheDocumentInIt(BodyFormat format) {
        byte[] line = "{\"at\":{\"__type__\":\"date\",\"__value__\":\"2026-01-31\"}}".getBytes(UTF_8);
        assertThat(format.toBody(line))
                .isEqualTo(format.sendsLineBytes() ? line : Map.of("at", LocalDate.of(2026, 1, 31)));
        assertThat(format.validator().validate(line)).isNull();
    }

    @Test
    void rejectsDocumentsThatCannotBeABody() {
        assertThatThrownBy(() -> BodyFormat.YAML.toBody("null".getBytes(UTF_8)))
                .isInstanceOf(DecodeException.class)
                .hasMessage("null (expected: a JSON document other than null for --serializer yaml)");
        assertThatThrownBy(() -> BodyFormat.YAML.toBody("{\"__type__\":1,\"__value__\":1}".getBytes(UTF_8)))
                .isInstanceOf(DecodeException.class);
    }
}
