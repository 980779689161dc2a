package dev.holdfast.serialization;

import static dev.holdfast.serialization.TestBytes.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.ContentDisallowedException;
import dev.holdfast.DecodeException;
import dev.holdfast.SerializerNotInstalledException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BodyDecoderTest {
    private static final String PICKLE = "application/x-python-serialize";
    private static final byte[] LATIN_1 = "grüße".getBytes(ISO_8859_1);

    private final SerializerRegistry serializers = SerializerRegistry.standard();
    private final BodyDecoder decoder = new BodyDecoder(serializers, CompressorRegistry.standard());

    @Test
    void contentTypePicksSerializerAndContentEncodingPicksCharacterSet() {
        assertThat(decode("{\"a\":1}", "application/json", "utf-8")).isEqualTo(Map.of("a", 1));
        assertThat(decode("a: 1", "application/x-yaml", null)).isEqualTo(Map.of("a", 1));
        assertThat(decode("grüße", "text/plain", "utf-8")).isEqualTo("grüße");
        assertThat(decode("x", null, null)).isEqualTo("x");
        assertThat(decode("x", "", "")).isEqualTo("x");
        assertThat(decode("x", "application/data", "binary")).isEqualTo(utf8("x"));
        assertThat(decode("x", "application/foo", "ASCII-8BIT")).isEqualTo(utf8("x"));
        assertThat(decode("x", "application/foo", "UTF-8")).isEqualTo("x");
        for (String charset : List.of("latin-1", "latin1", "iso-8859-1", "latin_1")) {
            assertThat(decoder.decode(LATIN_1, "text/plain", charset, null, Accept.safe()))
                    .as(charset)
                    .isEqualTo("grüße");
        }
        assertThat(decode("json", "json", "utf-8"))
                .as("a serializer name is not a content type")
                .isEqualTo("json");
        assertThat(decode("null", "application/json", null)).isNull();
    }

    @Test
    void emptyBodyIsNotDeserialized() {
        for (String type : List.of("application/json", "application/x-yaml", "application/x-msgpack")) {
            assertThat(decode("", type, "utf-8")).as(type).isEqualTo(new byte[0]);
        }
        assertThat(decode("", "application/data", "binary")).isEqualTo(new byte[0]);
        assertThat(decode("", "application/data", "utf-8")).isEqualTo("");
        assertThat(decoder.decode(new byte[0], "text/plain", "utf-8", null, Accept.safe(), String.class))
                .isEmpty();
    }

    @Test
    void decodeFailuresThrowTypedExceptions() {
        for (String type : List.of("application/json", "application/x-yaml", "application/x-msgpack")) {
            assertThatExceptionOfType(DecodeException.class)
                    .as(type)
                    .isThrownBy(() -> decoder.decode(
                            new byte[] {'{', (byte) 0xc1, (byte) 0xff}, type, null, null, Accept.safe()));
        }
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decode("x", "text/plain", "klingon"))
                .withMessageStartingWith("content encoding: klingon (expected: a character set, binary, or a coding");
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> decode("x", "text/plain", "no such"));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decoder.decode(LATIN_1, "text/plain", "utf-8", null, Accept.safe()));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> decoder.decode(utf8("x"), null, null, "gzip", Accept.safe()))
                .withMessageStartingWith("body cannot be decompressed as application/x-gzip");
        assertThatExceptionOfType(SerializerNotInstalledException.class)
                .isThrownBy(() -> decoder.decode(utf8("x"), null, null, "lz4", Accept.safe()));
    }

    @Test
    void safeAcceptsAllFormatsExceptPickle() {
        byte[] pickle = serializers.get("pickle").serialize(List.of(1));
        for (String name : List.of("json", "yaml", "msgpack")) {
            Serializer serializer = serializers.get(name);
            assertThat(decoder.decode(
                            serializer.serialize(List.of(1)), serializer.contentType(), null, null, Accept.safe()))
                    .isEqualTo(List.of(1));
        }
        assertThatExceptionOfType(ContentDisallowedException.class)
                .isThrownBy(() -> decoder.decode(pickle, PICKLE, "binary", null, Accept.safe()))
                .withMessage("content type: " + PICKLE + " (expected: any content type that runs no code)");
        for (Accept accept : List.of(Accept.only("json", "pickle"), Accept.only(PICKLE))) {
            assertThat(decoder.decode(pickle, PICKLE, "binary", null, accept)).isEqualTo(List.of(1));
        }
    }

    @Test
    void listAcceptsItsNamesAndUninterpretedTypes() {
        Accept json = Accept.only("json", "json", "application/x-foo");
        assertThat(json.names()).containsExactly("application/x-foo", "json");
        assertThat(decoder.decode(utf8("1"), "application/json", null, null, json))
                .isEqualTo(1);
        for (String type : List.of("text/plain", "application/text", "application/data", "application/x-foo")) {
            assertThat(decoder.decode(utf8("x"), type, "utf-8", null, json)).isEqualTo("x");
            assertThat(decoder.decode(utf8("x"), type, "utf-8", null, Accept.only("application/x-foo")))
                    .isEqualTo("x");
        }
        assertThat(decoder.decode(utf8("x"), null, "utf-8", null, Accept.only()))
                .isEqualTo("x");
        for (String type : List.of("application/x-yaml", "application/x-bar", PICKLE)) {
            assertThatExceptionOfType(ContentDisallowedException.class)
                    .isThrownBy(() -> decoder.decode(utf8("x"), type, null, null, json));
        }
        assertThatExceptionOfType(ContentDisallowedException.class)
                .isThrownBy(() -> decoder.decode(utf8("1"), "application/json", null, null, Accept.only()))
                .withMessage("content type: application/json (expected: [])");
    }

    @Test
    void bodyIsNotDecompressedIfItsTypeIsNotAccepted() {
        assertThatExceptionOfType(ContentDisallowedException.class)
                .isThrownBy(() -> decoder.decode(utf8("x"), PICKLE, null, "no such", Accept.safe()));
    }

    @Test
    void unknownNamesInAcceptListAreRefused() {
        Accept unknown = Accept.only("json", "toml");
        decoder.require(Accept.only("json", "pickle", "application/x-foo"));
        decoder.require(Accept.safe());
        assertThatExceptionOfType(SerializerNotInstalledException.class)
                .isThrownBy(() -> decoder.require(unknown))
                .withMessageStartingWith("serializer: toml (expected: one of [json, kombu-json, msgpack");
        assertThatExceptionOfType(SerializerNotInstalledException.class)
                .isThrownBy(() -> decoder.decode(utf8("1"), "application/json", null, null, unknown));
    }

    record Point(int x, int y) {}

    @Test
    void decodesIntoClass() {
        assertThat(decoder.decode(
                        utf8("{\"x\":1,\"y\":2}"), "application/json", null, null, Accept.safe(), Point.class))
                .isEqualTo(new Point(1, 2));
        assertThat(decoder.decode(utf8("x"), "text/plain", null, null, Accept.safe(), String.class))
                .isEqualTo("x");
        Map<?, ?> map = decoder.decode(utf8("a: 1"), "application/x-yaml", null, null, Accept.safe(), Map.class);
        assertThat(map).isEqualTo(Map.of("a", 1));
        for (String type : List.of("text/plain", "application/x-yaml")) {
            assertThatExceptionOfType(DecodeException.class)
                    .isThrownBy(() -> decoder.decode(utf8("x"), type, null, null, Accept.safe(), Point.class))
                    .withMessageStartingWith("body: java.lang.String (expected: dev.holdfast");
        }
    }

    private Object decode(String body, String contentType, String contentEncoding) {
        return decoder.decode(utf8(body), contentType, contentEncoding, null, Accept.safe());
    }
}
