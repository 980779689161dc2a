package dev.holdfast.serialization;

import static dev.holdfast.serialization.TestBytes.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.ContentDisallowedException;
import dev.holdfast.DecodeException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Content types are parsed as media types: by which format and character set a body is read. */
class MediaTypeTest {
    private static final Accept JSON_ONLY = Accept.only("json");

    private final BodyDecoder decoder = new BodyDecoder(SerializerRegistry.standard(), CompressorRegistry.standard());

    record Greeting(String text) {}

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "application/json|application/json|",
                " Application/JSON ; Charset=UTF-8|application/json|UTF-8",
                "application/json;charset=\"utf-8\"|application/json|utf-8",
                "a/b; x=\"; charset=no \\\" ;\"; charset = latin1 ;y=1|a/b|latin1",
                "a/b; charset=\"a\\\"b|a/b|a\"b",
                "a/b;charset|a/b|",
                "a/b;;charset=;charset=x;charset=y|a/b|x",
                "a/b;=x;charset=\"\"|a/b|",
                "no type|no type|",
                ";charset=x|~~|x"
            })
    void typeIsLowerCaseAndCharsetIsTakenFromItsParameter(String text, String essence, String charset) {
        assertThat(MediaType.parse(text)).isEqualTo(new MediaType(essence, charset));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json; charset=utf-8",
                "application/json;charset=\"UTF-8\"",
                "APPLICATION/JSON",
                "Application/Json; Charset=us-ascii; q=1",
                "text/json",
                "application/x-json",
                "application/vnd.masstransit+json",
                "application/problem+JSON; charset=utf-8"
            })
    void jsonIsReadUnderAllItsNames(String contentType) {
        byte[] body = utf8("{\"text\":\"hi\"}");
        for (Accept accept : List.of(Accept.safe(), JSON_ONLY, Accept.only("application/json"))) {
            assertThat(decoder.decode(body, contentType, null, null, accept)).isEqualTo(Map.of("text", "hi"));
            assertThat(decoder.decode(body, contentType, "utf-8", null, accept, Greeting.class))
                    .isEqualTo(new Greeting("hi"));
        }
        assertThatExceptionOfType(ContentDisallowedException.class)
                .isThrownBy(() -> decoder.decode(body, contentType, null, null, Accept.only("yaml")))
                .withMessageStartingWith("content type: " + contentType);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/yaml",
                "text/yaml; charset=utf-8",
                "text/x-yaml",
                "application/openapi+yaml",
                "Application/X-Yaml"
            })
    void yamlIsReadUnderAllItsNames(String contentType) {
        assertThat(decoder.decode(utf8("a: 1"), contentType, null, null, Accept.only("yaml")))
                .isEqualTo(Map.of("a", 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/msgpack", "application/vnd.msgpack", "application/x-MsgPack", "x/y+msgpack"})
    void msgpackIsReadUnderAllItsNames(String contentType) {
        assertThat(decoder.decode(new byte[] {7}, contentType, null, null, Accept.only("msgpack")))
                .isEqualTo(7);
    }

    @Test
    void pickleIsRefusedInAnySpelling() {
        byte[] pickle = SerializerRegistry.standard().get("pickle").serialize(List.of(1));
        for (String type :
                List.of("Application/X-Python-Serialize", "application/x-python-serialize; charset=binary")) {
            assertThatExceptionOfType(ContentDisallowedException.class)
                    .isThrownBy(() -> decoder.decode(pickle, type, "binary", null, Accept.safe()));
        }
    }

    @Test
    void charsetOfTheTypePrecedesThatOfTheEncodingAndAppliesToEveryTextFormat() {
        byte[] latin1 = "{\"text\":\"grüße\"}".getBytes(ISO_8859_1);
        Map<String, String> read = Map.of("text", "grüße");
        assertThat(decode(latin1, "application/json; charset=iso-8859-1", "utf-8"))
                .isEqualTo(read);
        assertThat(decode(latin1, "application/json", "ISO-8859-1")).isEqualTo(read);
        assertThat(decode(latin1, "text/yaml; charset=latin1", null)).isEqualTo(read);
        assertThat(decode("{\"text\":\"grüße\"}".getBytes(UTF_16), "text/json; charset=utf-16", null))
                .isEqualTo(read);
        assertThat(decode("ü".getBytes(ISO_8859_1), "text/csv; charset=\"iso-8859-1\"", "utf-8"))
                .isEqualTo("ü");
        assertThat(decode("ü".getBytes(ISO_8859_1), "text/html;charset=latin-1", "binary"))
                .isEqualTo("ü");
        assertThat(decode(new byte[] {(byte) 0xcd, 2, 0}, "application/msgpack; charset=latin1", null))
                .as("a format of bytes has no character set")
                .isEqualTo(512);
        assertThat(decode(utf8("\"ü\""), "application/json; charset=us-ascii", null))
                .isEqualTo("ü");
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decode(latin1, "application/json; charset=klingon", null))
                .withMessage("content type: charset klingon (expected: a known character set)");
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decode(latin1, "text/html", null))
                .withMessage("body is not UTF-8");
    }

    @Test
    void bodyWithoutAFormatIsTextIfItCanBe() {
        byte[] bytes = {-1, 0};
        for (String type : new String[] {null, "application/x-protobuf", "application/data"}) {
            assertThat(decode(bytes, type, null)).as(type).isEqualTo(bytes);
            assertThat(decode(utf8("ü"), type, null)).as(type).isEqualTo("ü");
        }
        for (String type : List.of("application/octet-stream", "image/png", "audio/ogg", "video/mp4", "font/woff")) {
            assertThat(decode(utf8("x"), type, null)).as(type).isEqualTo(utf8("x"));
            assertThat(decode(utf8("x"), type, "utf-8")).as(type).isEqualTo("x");
        }
        assertThat(decoder.decode(utf8("x"), "text/plain", "utf-8", null, JSON_ONLY, byte[].class))
                .isEqualTo(utf8("x"));
    }

    @Test
    void serializerOfTheExactTypePrecedesThatOfTheSuffix() {
        SerializerRegistry own = SerializerRegistry.standard().with("acme", new Yaml());
        BodyDecoder ofOwn = new BodyDecoder(own, CompressorRegistry.standard());
        assertThat(ofOwn.decode(utf8("a: 1"), "application/vnd.ACME+json; v=2", null, null, Accept.only("acme")))
                .isEqualTo("a: 1");
        assertThatExceptionOfType(ContentDisallowedException.class)
                .isThrownBy(() -> ofOwn.decode(utf8("1"), "application/vnd.acme+json", null, null, JSON_ONLY));
        assertThat(own.find("application/vnd.other+json")).containsSame(own.get("json"));
        assertThat(own.find("json+json")).isEmpty();
    }

    @Test
    void listedTypeIsParsedToo() {
        Accept accept = Accept.only("Text/CSV; header=present", "application/vnd.a+json");
        assertThat(decoder.decode(utf8("a,b"), "text/csv", null, null, accept)).isEqualTo("a,b");
        assertThat(decoder.decode(utf8("1"), "application/vnd.A+json", null, null, accept))
                .isEqualTo(1);
        assertThatExceptionOfType(ContentDisallowedException.class)
                .isThrownBy(() -> decoder.decode(utf8("1"), "application/json", null, null, accept));
    }

    private Object decode(byte[] body, String contentType, String contentEncoding) {
        return decoder.decode(body, contentType, contentEncoding, null, Accept.safe());
    }

    /** A serializer with a type of its own, which has a suffix. */
    private static final class Yaml extends TextOf {
        @Override
        public String contentType() {
            return "application/vnd.acme+json";
        }
    }

    private abstract static class TextOf implements Serializer {
        @Override
        public java.util.Optional<String> contentEncoding() {
            return java.util.Optional.of("utf-8");
        }

        @Override
        public byte[] serialize(Object body) {
            return utf8(body.toString());
        }

        @Override
        public Object deserialize(byte[] body) {
            return new String(body, java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
