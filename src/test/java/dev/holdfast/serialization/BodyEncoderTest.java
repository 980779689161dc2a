package dev.holdfast.serialization;

import static dev.holdfast.serialization.TestBytes.allocatedByCurrentThread;
import static dev.holdfast.serialization.TestBytes.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.SerializationException;
import dev.holdfast.SerializerNotInstalledException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BodyEncoderTest {
    private static final byte[] BYTES = {0, (byte) 0xff};
    private static final String TEXT = "grüße \uD83C\uDF0A";

    private final BodyEncoder encoder = new BodyEncoder(SerializerRegistry.standard(), CompressorRegistry.standard());

    /** Body, serializer, content type, content encoding; then expected bytes, content type and content encoding. */
    static Stream<Arguments> encodings() {
        return Stream.of(
                Arguments.of(TEXT, null, null, null, utf8(TEXT), "text/plain", "utf-8"),
                Arguments.of(CharBuffer.wrap("x"), null, null, null, utf8("x"), "text/plain", "utf-8"),
                Arguments.of("", null, null, null, new byte[0], "text/plain", "utf-8"),
                Arguments.of(BYTES, null, null, null, BYTES, "application/data", "binary"),
                Arguments.of(
                        ByteBuffer.wrap(BYTES, 1, 1), null, null, null, new byte[] {-1}, "application/data", "binary"),
                Arguments.of(
                        Map.of("hello", "world"),
                        null,
                        null,
                        null,
                        utf8("{\"hello\":\"world\"}"),
                        "application/json",
                        "utf-8"),
                Arguments.of(List.of(1, "ü"), null, null, null, utf8("[1,\"ü\"]"), "application/json", "utf-8"),
                Arguments.of(7, null, null, null, utf8("7"), "application/json", "utf-8"),
                Arguments.of("s", "json", null, null, utf8("\"s\""), "application/json", "utf-8"),
                Arguments.of("s", "application/json", null, null, utf8("\"s\""), "application/json", "utf-8"),
                Arguments.of("s", "raw", null, null, utf8("s"), "application/data", "utf-8"),
                Arguments.of(BYTES, "raw", null, null, BYTES, "application/data", "binary"),
                Arguments.of("s", "text", null, "latin1", utf8("s"), "text/plain", "utf-8"),
                Arguments.of(TEXT, null, "text/html", null, utf8(TEXT), "text/html", "utf-8"),
                Arguments.of(
                        "ü", "json", "text/html", "iso-8859-1", "ü".getBytes(ISO_8859_1), "text/html", "iso-8859-1"),
                Arguments.of(BYTES, null, "image/png", null, BYTES, "image/png", "binary"),
                Arguments.of(BYTES, null, "application/json", "utf-8", BYTES, "application/json", "utf-8"),
                Arguments.of(BYTES, null, null, "gzip", BYTES, "application/data", "gzip"),
                Arguments.of("x", null, "", null, utf8("x"), "text/plain", "utf-8"));
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void picksSerializerAndContentTypeByKombusRules(
            Object body,
            String serializer,
            String contentType,
            String contentEncoding,
            byte[] expectedBytes,
            String expectedType,
            String expectedEncoding) {
        EncodedBody encoded = encoder.encode(body, serializer, contentType, contentEncoding, null);

        assertThat(encoded.bytes()).isEqualTo(expectedBytes);
        assertThat(encoded.contentType()).isEqualTo(expectedType);
        assertThat(encoded.contentEncoding()).isEqualTo(expectedEncoding);
    }

    @Test
    void neitherCopiesNorChangesBytes() {
        ByteBuffer buffer = ByteBuffer.wrap(BYTES);

        assertThat(encoder.encode(BYTES, null, null, null, null).bytes()).isSameAs(BYTES);
        assertThat(encoder.encode(buffer, null, null, null, null).bytes()).isEqualTo(BYTES);
        assertThat(buffer.remaining()).isEqualTo(2);
    }

    @Test
    void refusesUnsupportedBody() {
        List<Object> cyclic = new ArrayList<>();
        cyclic.add(cyclic);

        assertRefused(new Object(), null, null, "body of java.lang.Object cannot be written as json: ");
        assertRefused(cyclic, null, null, "body of java.util.ArrayList cannot be written as json: ");
        assertRefused(7, "text", null, "body: java.lang.Integer (expected: a CharSequence for the serializer text)");
        assertRefused(7, "raw", null, "body: java.lang.Integer (expected: byte[], ByteBuffer or CharSequence");
        assertRefused(Map.of(), null, "image/png", "body: java.util.ImmutableCollections$MapN (expected: byte[]");
        assertRefused("\uD800", null, null, "text: half a surrogate pair at 0 (expected: Unicode)");
    }

    @Test
    void refusesTextThatCharacterSetCannotEncode() {
        assertThatExceptionOfType(SerializationException.class)
                .isThrownBy(() -> encoder.encode("€", null, "text/plain", "iso-8859-1", null))
                .withMessage("text has characters that ISO-8859-1 cannot encode");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode("x", null, "text/plain", "binary", null))
                .withMessageStartingWith("contentEncoding: binary (expected: a character set");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode("x", null, "text/plain", "no such", null))
                .withMessageStartingWith("contentEncoding: no such");
    }

    @Test
    void unknownNameIsRefusedWithTheListOfNames() {
        assertThatExceptionOfType(SerializerNotInstalledException.class)
                .isThrownBy(() -> encoder.encode("x", "toml", null, null, null))
                .withMessage(
                        "serializer: toml (expected: one of [json, kombu-json, msgpack, pickle, raw, text, yaml])");
        assertThatExceptionOfType(SerializerNotInstalledException.class)
                .isThrownBy(() -> encoder.encode("x", null, null, null, "lz4"))
                .withMessage("compression: lz4 (expected: one of "
                        + "[brotli, bzip, bzip2, gzip, lzma, xz, zlib, zstandard, zstd])");
        assertThatExceptionOfType(SerializerNotInstalledException.class)
                .isThrownBy(() -> encoder.require("toml", null));
        assertThatExceptionOfType(SerializerNotInstalledException.class).isThrownBy(() -> encoder.require(null, "lz4"));
    }

    @Test
    void compressesEveryKindOfBody() {
        for (Object body : List.of(BYTES, TEXT, Map.of("a", 1), ByteBuffer.wrap(BYTES))) {
            EncodedBody plain = encoder.encode(body, null, null, null, null);
            EncodedBody encoded = encoder.encode(body, null, null, null, "zlib");

            assertThat(encoded.compression()).isEqualTo("application/x-gzip");
            assertThat(encoded.contentType()).isEqualTo(plain.contentType());
            assertThat(encoded.contentEncoding()).isEqualTo(plain.contentEncoding());
            assertThat(CompressorRegistry.standard().decompress(encoded.bytes(), "gzip"))
                    .isEqualTo(plain.bytes());
        }
        assertThat(BYTES).containsExactly(0, -1);
    }

    @Test
    void closedBodyReleasesASmallBufferToThePool() {
        EncodedBody first = encoder.encode(Map.of("a", 1), null, null, null, null);
        EncodedBody second = encoder.encode(Map.of("b", 2), null, null, null, null);
        assertThat(second.array()).isNotSameAs(first.array());
        assertThat(first.bytes()).isEqualTo(utf8("{\"a\":1}"));
        byte[] array = second.array();
        second.close();
        second.close();

        assertThat(encoder.encode(List.of(1), null, null, null, null).array()).isSameAs(array);
        EncodedBody large = encoder.encode(List.of("x".repeat(100_000)), null, null, null, null);
        byte[] largeArray = large.array();
        large.close();
        assertThat(encoder.encode(List.of(1), null, null, null, null).array()).isNotSameAs(largeArray);
    }

    @Test
    void encodingASmallMapAllocatesNoMoreThanJacksonsArray() throws IOException {
        Map<String, Object> body = Map.of("hello", "world", "list", List.of(1, 2, 3), "name", "grüße");
        ObjectMapper mapper = new ObjectMapper();
        long jackson = allocatedPerCall(() -> mapper.writeValueAsBytes(body));
        long encoderBytes = allocatedPerCall(() -> {
            try (EncodedBody encoded = encoder.encode(body, null, null, null, null)) {
                return encoded;
            }
        });
        // The margin is for code that is not compiled yet: escape analysis removes some allocations.
        assertThat(encoderBytes).isLessThan(jackson + 64);
    }

    private static long allocatedPerCall(Callable<?> call) throws IOException {
        int calls = 2000;
        try {
            long before = 0;
            for (int i = 0; i < 2 * calls; i++) {
                if (i == calls) {
                    before = allocatedByCurrentThread();
                }
                assertNotNull(call.call());
            }
            return (allocatedByCurrentThread() - before) / calls;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    @Test
    void customSerializerIsUsedByNameAndContentType() {
        SerializerRegistry registry = SerializerRegistry.standard().with("upper", new UpperCaseSerializer());

        EncodedBody encoded =
                new BodyEncoder(registry, CompressorRegistry.standard()).encode("abc", "upper", null, null, null);

        assertThat(encoded.bytes()).isEqualTo(utf8("ABC"));
        assertThat(encoded.contentType()).isEqualTo("text/x-upper");
        assertThat(encoded.contentEncoding()).isNull();
        assertThat(SerializerRegistry.standard().find("upper")).isEmpty();
        assertThat(registry.get("text/x-upper")).isSameAs(registry.get("upper"));
        assertThatExceptionOfType(SerializationException.class)
                .isThrownBy(() ->
                        new BodyEncoder(registry, CompressorRegistry.standard()).encode(7, "upper", null, null, null))
                .withMessageStartingWith("body of java.lang.Integer cannot be written as text/x-upper: ")
                .withCauseInstanceOf(ClassCastException.class);
    }

    @Test
    void deserializesJsonTextAndBytes() {
        assertThat(Json.kombu().deserialize(utf8("{\"a\":[1,2.5,true,null]}")))
                .isEqualTo(Map.of("a", Arrays.asList(1, 2.5, true, null)));
        assertThat(new Text().deserialize(utf8(TEXT))).isEqualTo(TEXT);
        assertThat(new Raw().deserialize(BYTES)).isSameAs(BYTES);
    }

    @Test
    void refusesBytesOfAnotherFormat() {
        for (String malformed : List.of("", "{", "1 2", "nope")) {
            assertThatExceptionOfType(SerializationException.class)
                    .as(malformed)
                    .isThrownBy(() -> Json.kombu().deserialize(utf8(malformed)));
        }
        assertThatExceptionOfType(SerializationException.class)
                .isThrownBy(() -> new Text().deserialize(BYTES))
                .withMessage("body is not UTF-8");
    }

    private void assertRefused(Object body, String serializer, String contentType, String message) {
        assertThatExceptionOfType(SerializationException.class)
                .isThrownBy(() -> encoder.encode(body, serializer, contentType, null, null))
                .withMessageStartingWith(message);
    }

    private static final class UpperCaseSerializer implements Serializer {
        @Override
        public String contentType() {
            return "text/x-upper";
        }

        @Override
        public Optional<String> contentEncoding() {
            return Optional.empty();
        }

        @Override
        public byte[] serialize(Object body) {
            return utf8(((String) body).toUpperCase(Locale.ROOT));
        }

        @Override
        public Object deserialize(byte[] body) {
            return new String(body, UTF_8);
        }
    }
}
